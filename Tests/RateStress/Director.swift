import Glibc
import RateWindows
import System

/// Starts the workers, kills and replaces them at random moments, and counts what they wrote down.
struct Director {
    let options: Options
    let folder: String

    init(_ options: Options) throws {
        self.options = options
        if options.folder.isEmpty {
            folder = "/dev/shm/rate-stress.\(getpid())"
            guard unsafe mkdir(folder, 0o700) == 0 else { throw SystemError.last("mkdir", path: folder) }
        } else {
            folder = options.folder
        }
    }

    /// True when no window of any key held more than the limit.
    func run() throws -> Bool {
        defer { removeFolder() }
        let start = Moment.now().boot
        let end = start + UInt64(options.seconds * 1e9)
        var workers = try (0..<options.processes).map { try spawn($0) }
        var kills = 0
        while Moment.now().boot < end {
            guard options.killEveryMilliseconds > 0 else {
                usleep(10_000)
                continue
            }
            usleep(UInt32.random(in: 1...UInt32(options.killEveryMilliseconds * 2000)))
            let victim = Int.random(in: workers.indices)
            stop(workers[victim])
            kills += 1
            workers[victim] = try spawn(victim)
        }
        workers.forEach(stop)
        return try report(kills: kills, elapsed: Double(Moment.now().boot - start) / 1e9)
    }

    private func spawn(_ number: Int) throws -> pid_t {
        let program = "/proc/self/exe"
        let words = ["RateStress"] + options.workerArguments(number: number, folder: folder)
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let code = unsafe posix_spawn(&pid, program, nil, nil, &arguments, environ)
        guard code == 0 else { throw SystemError("posix_spawn", errno: code) }
        return pid
    }

    private func stop(_ pid: pid_t) {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private func report(kills: Int, elapsed: Double) throws -> Bool {
        var admissions: [UInt64: [UInt64]] = [:]
        var total = 0
        for number in 0..<options.processes {
            let path = folder + "/log.\(number)"
            guard let bytes = try? FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 30) else { continue }
            // A kill may cut the last record of a run short only at its end: write(2) on a tmpfs is all or nothing
            // for 16 bytes.
            unsafe bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count - 15, by: 16) {
                    let key = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    let time = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                    admissions[key, default: []].append(time)
                    total += 1
                }
            }
        }
        let window = UInt64(options.windowMilliseconds) * 1_000_000
        let most = admissions.values.map { mostInWindow($0.sorted(), window: window) }.max() ?? 0
        let over = most > Int(options.limit)
        let table = try Table.open(path: folder + "/rates", capacity: options.capacity, owner: geteuid())
        let statistics = table.statistics()
        print(
            "admitted=\(total) keys=\(admissions.count) most_in_window=\(most) limit=\(options.limit)",
            "seconds=\(elapsed) kills=\(kills) stale=\(statistics?.refusedStale ?? 0)",
            "contended=\(statistics?.refusedContended ?? 0) crowded=\(statistics?.refusedCrowded ?? 0)",
            "overflow=\(statistics?.overflowDecisions ?? 0) result=\(over ? "OVER" : "ok")")
        return !over
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

    private func removeFolder() {
        for number in 0..<options.processes { unsafe unlink(folder + "/log.\(number)") }
        unsafe unlink(folder + "/rates")
        unsafe unlink(folder + "/rates.new")
        unsafe rmdir(folder)
    }
}
