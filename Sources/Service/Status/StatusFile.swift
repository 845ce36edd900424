import Synchronization
import System

/// A worker's side of `StatusFolder`: writes its file every two seconds and takes it away at an orderly end.
public final class StatusFile: Sendable {
    private static let interval: UInt64 = 2_000_000_000
    /// Readings kept: the oldest is ten seconds old.
    private static let readings = 6

    private let folder: StatusFolder
    private let known: Mutex<Known>

    private struct Known {
        /// Who writes, and since when: the same in every file.
        var identity: WorkerStatus
        /// CLOCK_BOOTTIME, ns.
        var next: UInt64 = 0
        var readings: [(boot: UInt64, answers: AnswerTotals, checks: CheckTotals)] = []
        var isFailing = false
    }

    /// - Parameter number: of this worker; one of the same number that was killed is counted and its file taken away.
    public init(_ settings: Settings, number: String, at moment: Moment = .now()) {
        folder = StatusFolder(settings)
        var identity = WorkerStatus()
        identity.pid = Int(Environment.processID)
        identity.number = StatusFile.word(number)
        identity.release = Version.text
        identity.startTicks = RunningProcess.of(identity.pid)?.startTicks ?? 0
        identity.startedWall = Int(moment.wall)
        StatusFile.takeOver(from: folder, &identity)
        known = Mutex(Known(identity: identity))
    }

    /// Writes when it is time to.
    ///
    /// - Parameter fill: puts in what the worker knows.
    /// - Returns: the error, once for each time that it begins to fail.
    public func write(
        _ state: WorkerStatus.State, at moment: Moment, _ fill: (inout WorkerStatus) -> Void
    ) -> SystemError? {
        known.withLock { known in
            guard moment.boot >= known.next || state != known.identity.state else { return nil }
            known.next = moment.boot + StatusFile.interval
            known.identity.state = state
            var status = known.identity
            fill(&status)
            StatusFile.keep(status, at: moment.boot, &known)
            if let oldest = known.readings.first {
                status.recent = status.answers - oldest.answers
                status.recentChecks = status.checks - oldest.checks
                status.recentMilliseconds = Int((moment.boot - oldest.boot) / 1_000_000)
            }
            status.writtenBoot = Int(moment.boot)
            status.writtenWall = Int(moment.wall)
            return StatusFile.store(status, at: folder.file(of: status.pid), &known)
        }
    }

    public func remove() { known.withLock { try? Files.remove(folder.file(of: $0.identity.pid)) } }

    private static func keep(_ status: WorkerStatus, at boot: UInt64, _ known: inout Known) {
        known.readings.append((boot, status.answers, status.checks))
        if known.readings.count > readings { known.readings.removeFirst() }
    }

    private static func store(_ status: WorkerStatus, at path: String, _ known: inout Known) -> SystemError? {
        do throws(SystemError) {
            try Files.replace(path, with: Array(status.text.utf8), mode: 0o600, durably: false)
            known.isFailing = false
            return nil
        } catch {
            defer { known.isFailing = true }
            return known.isFailing ? nil : error
        }
    }

    /// A worker does not see whether another one lives (ProtectProc=), but of its own number there is only one.
    private static func takeOver(from folder: StatusFolder, _ identity: inout WorkerStatus) {
        guard identity.number != "-", let all = try? folder.all() else { return }
        for old in all where old.number == identity.number && old.pid != identity.pid {
            identity.crashes = max(identity.crashes, old.crashes + 1)
            identity.crashWall = max(identity.crashWall, old.writtenWall)
            try? Files.remove(folder.file(of: old.pid))
        }
    }

    /// It stands in a line of its own.
    private static func word(_ number: String) -> String {
        let isWord = (1...32).contains(number.utf8.count) && number.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isWord ? number : "-"
    }
}
