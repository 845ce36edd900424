import Glibc
import RateWindows
import System

/// Eight processes on one hot key against one thread alone, every request admitted, which is the path with the most
/// contention: `--hot --processes 8`. Beside it the same for requests that are refused.
struct HotKey {
    let options: Options

    private static let rounds = 3
    private static let requests = 900_000

    func run() throws {
        let folder = try Folder()
        defer { folder.remove() }
        let table = try Table.open(path: folder.path + "/rates", capacity: options.capacity, owner: geteuid())
        var report = Report()
        report.add("processes", options.processes)
        for (name, limit) in [("admitted", "1000000"), ("refused", "20")] {
            var (single, together): ([Double], [Double]) = ([], [])
            for round in 0..<HotKey.rounds {
                single.append(try rate(folder, processes: 1, limit: limit, key: 2 * round))
                together.append(try rate(folder, processes: options.processes, limit: limit, key: 2 * round + 1))
            }
            let (one, all) = (single.sorted()[HotKey.rounds / 2], together.sorted()[HotKey.rounds / 2])
            report.add("single_per_s_\(name)", one.rounded())
            report.add("hot_per_s_\(name)", all.rounded())
            report.add(name == "admitted" ? "hot_key_over_single" : "hot_key_over_single_refused", all / one)
        }
        report.add("contended", table.statistics()?.refusedContended ?? 0)
        report.write(asJSON: options.isJSON)
    }

    /// Decisions a second, from the first one's begin to the last one's end.
    private func rate(_ folder: Folder, processes: Int, limit: String, key: Int) throws -> Double {
        let requests = HotKey.requests / processes
        let gate = try Gate()
        let children = try (0..<processes).map { number in
            try Children.spawn(
                [
                    "--worker", "--number", String(number), "--folder", folder.path, "--first-key", String(key),
                    "--requests", String(requests), "--limit", limit, "--window-ms", "86400000", "--capacity",
                    String(options.capacity),
                ] + gate.arguments)
        }
        gate.open(for: processes)
        guard children.allSatisfy(Children.wait) else { throw Options.Unusable(description: "a worker failed") }
        let times = try (0..<processes).map { try Tally(reading: folder.path + "/tally.\($0)", keys: 1) }
        let elapsed = times.map(\.ended).max()! - times.map(\.began).min()!
        return Double(requests * processes) / (Double(elapsed) / 1e9)
    }
}

/// Where the table and the logs of one run stand.
struct Folder {
    let path: String

    init() throws {
        path = "/dev/shm/rate-stress.\(getpid())"
        guard unsafe mkdir(path, 0o700) == 0 else { throw SystemError.last("mkdir", path: path) }
    }

    func remove() {
        for name in (try? Files.list(path)) ?? [] { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }
}

/// Holds the workers until all of them stand ready: each writes a byte, then reads until the other end is closed.
struct Gate {
    private var ready: [Int32] = [0, 0]
    private var go: [Int32] = [0, 0]

    init() throws {
        guard unsafe pipe(&ready) == 0, unsafe pipe(&go) == 0 else { throw SystemError.last("pipe") }
        // The children must not hold our ends open.
        guard fcntl(ready[0], F_SETFD, FD_CLOEXEC) == 0, fcntl(go[1], F_SETFD, FD_CLOEXEC) == 0 else {
            throw SystemError.last("fcntl")
        }
    }

    /// For the children, who inherit both.
    var arguments: [String] { ["--gate-ready", String(ready[1]), "--gate-go", String(go[0])] }

    func open(for count: Int) {
        close(ready[1])
        var byte: UInt8 = 0
        for _ in 0..<count where unsafe read(ready[0], &byte, 1) < 1 { break }
        close(go[1])
        close(ready[0])
        close(go[0])
    }

    static func pass(ready: Int32, go: Int32) {
        var byte: UInt8 = 1
        _ = unsafe write(ready, &byte, 1)
        close(ready)
        while unsafe read(go, &byte, 1) < 0, errno == EINTR {}
    }
}
