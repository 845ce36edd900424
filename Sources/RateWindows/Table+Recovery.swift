import Glibc
import System

extension Table {
    /// How often the file at the path is compared with the mapped one, ns. In between a decision makes no system call.
    private static let inspectionInterval: UInt64 = 100_000_000
    /// The pause after a failure to map or make a table, ns.
    private static let recoveryPause: UInt64 = 100_000_000
    /// How long a request waits for another process that is making the new table, ms.
    private static let lockPatience = 50

    /// Once in 100 ms one thread looks whether the file was replaced, unlinked, truncated or overwritten.
    @inline(__always)
    func inspectIfDue(at now: UInt64) {
        let due = nextInspection.load(ordering: .relaxed)
        if now >= due { inspectOnce(due, at: now) }
    }

    @inline(never)
    private func inspectOnce(_ due: UInt64, at now: UInt64) {
        guard now > 0 else { return }
        let next = now &+ Table.inspectionInterval
        let isMine = nextInspection.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged
        if isMine { inspect() }
    }

    /// Compares the file at the path with the mapped one and acts on the difference.
    package func inspect() {
        let mapping = mapping
        var status = stat()
        guard unsafe lstat(file.path, &status) == 0 else {
            // Unlinked: the counts go into a new file, so that workers started later share them.
            if errno == ENOENT { replace(mapping) }
            return
        }
        guard UInt64(status.st_dev) == mapping.device, UInt64(status.st_ino) == mapping.inode else {
            replace(mapping)
            return
        }
        if Int(status.st_size) < mapping.length || !mapping.isIntact {
            mapping.markLost()
            _ = recover()
        }
    }

    /// True when a mapping serves, now or after this call.
    func recover() -> Bool {
        if view.serves { return true }
        return recovery.withLock { recovery in
            // Another thread may have done it meanwhile.
            if view.serves { return true }
            let now = Moment.now().boot
            guard now >= recovery.nextAttempt else { return false }
            let old = mapping
            let isCopyable = old.view.flag.load(0) == 0 && old.isIntact
            do throws(RateError) {
                let new = try file.openOrCreate(
                    anyCapacity: true, predecessor: isCopyable ? old : nil, patience: Table.lockPatience)
                use(new, &recovery)
                return true
            } catch {
                recovery.failure = error
                recovery.nextAttempt = now + Table.recoveryPause
                return false
            }
        }
    }

    /// Another file, or none, is at the path. While that one cannot be used, this process goes on with the mapped one,
    /// which the other workers share as well.
    private func replace(_ old: Mapping) {
        recovery.withLock { recovery in
            guard mapping === old else { return }
            do throws(RateError) {
                let new = try file.openOrCreate(
                    anyCapacity: true, predecessor: old.isIntact ? old : nil, patience: Table.lockPatience)
                // The others move at once as well.
                old.view.words.store(Layout.Header.superseded, 1)
                use(new, &recovery)
            } catch {
                recovery.failure = error
            }
        }
    }
}
