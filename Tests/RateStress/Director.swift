import Glibc
import RateWindows
import System

/// Starts the workers, kills and replaces them at random moments, and counts what they wrote down.
struct Director {
    private let options: Options
    private let folder: Folder

    init(_ options: Options) throws {
        self.options = options
        folder = try Folder()
    }

    /// True when no window of any key held more than the limit.
    func run() throws -> Bool {
        defer { folder.remove() }
        let start = Moment.now().boot
        let kills = try options.isGuess ? guess() : options.requests > 0 ? letThemEnd() : killThem()
        return try report(kills: kills, elapsed: Double(Moment.now().boot - start) / 1e9)
    }

    private func spawn(_ number: Int) throws -> pid_t {
        try Children.spawn(options.workerArguments(number: number, folder: folder.path))
    }

    /// Until the time is over and as many were killed as was asked for.
    private func killThem() throws -> Int {
        let end = Moment.now().boot + UInt64(options.seconds * 1e9)
        var workers = try (0..<options.processes).map(spawn)
        var kills = 0
        while Moment.now().boot < end || kills < options.kills {
            guard options.killEveryMilliseconds > 0 else {
                usleep(10_000)
                continue
            }
            usleep(UInt32.random(in: 1...UInt32(options.killEveryMilliseconds * 2000)))
            let victim = Int.random(in: workers.indices)
            Children.kill(workers[victim])
            kills += 1
            workers[victim] = try spawn(victim)
        }
        workers.forEach(Children.kill)
        return kills + workers.count
    }

    private func letThemEnd() throws -> Int {
        let gate = try Gate()
        let workers = try (0..<options.processes).map {
            try Children.spawn(
                options.workerArguments(number: $0, folder: folder.path)
                    + ["--processes", String(options.processes)] + gate.arguments)
        }
        gate.open(for: workers.count)
        guard workers.map(Children.wait).allSatisfy({ $0 }) else {
            throw Options.Unusable(description: "a worker failed")
        }
        return 0
    }

    /// One process after the other makes a guess and is killed with its place reserved.
    private func guess() throws -> Int {
        var kills = 0
        for _ in 0..<options.kills where try !Children.wait(spawn(0)) { kills += 1 }
        return kills
    }

    private func report(kills: Int, elapsed: Double) throws -> Bool {
        let rules = try options.rules()
        let admissions = try admissions()
        var most = 0
        var over = 0
        for (name, times) in admissions {
            guard let rule = rules.first(where: { UInt64($0.number) == name >> 32 }) else {
                throw Options.Unusable(description: "a log has a rule that nobody asked for")
            }
            let held = mostInWindow(times.sorted(), window: rule.window)
            if rule == rules[0] { most = max(most, held) }
            if held > Int(rule.limit) { over += 1 }
        }
        let counts = options.requests > 0 ? try tallies() : admissions.values.map { UInt64($0.count) }
        let table = try Table.open(path: folder.path + "/rates", capacity: options.capacity, owner: geteuid())
        let statistics = table.statistics()
        var report = Report()
        report.add("admitted", counts.reduce(0, +))
        report.add("least_of_a_key", counts.min() ?? 0)
        report.add("most_of_a_key", counts.max() ?? 0)
        report.add("requests", options.requests * options.processes)
        report.add("keys", options.keys)
        report.add("most_in_window", most)
        report.add("limit", Int(options.limit))
        report.add("seconds", elapsed)
        report.add("kills", kills)
        report.add("stale", statistics?.refusedStale ?? 0)
        report.add("contended", statistics?.refusedContended ?? 0)
        report.add("crowded", statistics?.refusedCrowded ?? 0)
        report.add("overflow", statistics?.overflowDecisions ?? 0)
        report.add("result", over > 0 ? "OVER" : "ok")
        report.write(asJSON: options.isJSON)
        return over == 0
    }

    /// Admissions of each key, by all processes.
    private func tallies() throws -> [UInt64] {
        var sums = [UInt64](repeating: 0, count: options.keys)
        for number in 0..<options.processes {
            let tally = try Tally(reading: folder.path + "/tally.\(number)", keys: options.keys)
            for (key, count) in tally.admitted.enumerated() { sums[key] += count }
        }
        return sums
    }

    /// Times by rule number and key.
    private func admissions() throws -> [UInt64: [UInt64]] {
        var admissions: [UInt64: [UInt64]] = [:]
        for number in 0..<options.processes {
            let path = folder.path + "/log.\(number)"
            guard let bytes = try? FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 30) else { continue }
            // A kill may cut the last record of a run short only at its end: write(2) on a tmpfs is all or nothing
            // for so few bytes.
            unsafe bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count - 15, by: 16) {
                    let name = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    let time = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                    admissions[name, default: []].append(time)
                }
            }
        }
        return admissions
    }

    private func mostInWindow(_ times: [UInt64], window: UInt64) -> Int {
        var most = 0
        var first = 0
        for last in times.indices {
            while times[last] - times[first] >= window { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }
}
