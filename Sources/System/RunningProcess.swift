/// What proc(5) tells of a process that runs.
public struct RunningProcess: Sendable, Equatable {
    /// When it was started, in clock ticks since boot: tells it from a later process with the same number.
    public let startTicks: Int
    /// Memory that it holds, shared pages included.
    public let residentKiB: Int

    /// `nil`: there is no such process, or it has ended and nobody has asked for its end yet.
    public static func of(_ pid: Int) -> RunningProcess? {
        guard pid > 0, let stat = text("/proc/\(pid)/stat"), let nameEnd = stat.lastIndex(of: ")") else { return nil }
        // The name before may hold anything. Behind it: state, and the start as the 20th (proc_pid_stat(5)).
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int(fields[19]), !["Z", "X"].contains(fields[0]) else { return nil }
        return RunningProcess(startTicks: ticks, residentKiB: residentKiB(pid) ?? 0)
    }

    private static func residentKiB(_ pid: Int) -> Int? {
        let line = text("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { line in line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first }
            .flatMap { Int($0) }
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? Files.read(path, limit: 16_384) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
