/// A bounded queue with threads of its own, for work that must not hold a request thread: password hashes, database.
///
/// A job has a deadline. One that would not start in time is refused at once or, where the queue moved slower than
/// foreseen, told so by `expired`; exactly one of `run` and `expired` is called for a job that was taken.
public final class Lane: Sendable {
    public struct Job: Sendable {
        let deadline: UInt64
        let run: @Sendable () -> Void
        let expired: @Sendable () -> Void

        /// - Parameter deadline: on CLOCK_BOOTTIME, ns; the job starts before it or not at all.
        public init(
            deadline: UInt64, run: @escaping @Sendable () -> Void, expired: @escaping @Sendable () -> Void
        ) {
            self.deadline = deadline
            self.run = run
            self.expired = expired
        }
    }

    private let name: String
    private let threadCount: Int
    private let capacity: Int
    private let condition = Condition()
    private let state = LaneState()

    public init(name: String, threads: Int, capacity: Int) {
        self.name = name
        self.threadCount = threads
        self.capacity = capacity
    }

    public func start() throws(SystemError) {
        for number in 1...threadCount {
            let thread = try Threads.start("\(name)-\(number)") { [self] in work() }
            condition.locked { state.threads.append(thread) }
        }
        let reaper = try Threads.start("\(name)-due") { [self] in expireOverdue() }
        condition.locked { state.threads.append(reaper) }
    }

    /// Queues a job; false when the queue is full, the lane is stopped, or the deadline would pass in the queue.
    public func submit(_ job: Job) -> Bool {
        let now = Moment.now().boot
        return condition.locked {
            guard foreseenWait(at: now, before: job.deadline) != nil else { return false }
            state.queue.append(job)
            condition.broadcast()
            return true
        }
    }

    /// How long a job with this deadline would wait, ns, were it queued now; nil where `submit` would refuse it.
    public func foreseenWait(before deadline: UInt64) -> UInt64? {
        let now = Moment.now().boot
        return condition.locked { foreseenWait(at: now, before: deadline) }
    }

    /// Called with the condition locked.
    private func foreseenWait(at now: UInt64, before deadline: UInt64) -> UInt64? {
        guard !state.isStopping, state.queue.count < capacity else { return nil }
        let wait = UInt64((state.queue.count + state.running) / threadCount) * state.meanDuration
        return now + wait < deadline ? wait : nil
    }

    /// Jobs waiting and jobs running.
    public var load: (waiting: Int, running: Int) {
        condition.locked { (state.queue.count, state.running) }
    }

    /// Jobs that threads took and ended since the start.
    public var finished: Int { condition.locked { state.finished } }

    /// ns, over about the last eight jobs.
    public var meanDuration: UInt64 { condition.locked { state.meanDuration } }

    /// Finishes what is queued, then ends the threads.
    public func stop() {
        let threads = condition.locked {
            state.isStopping = true
            condition.broadcast()
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func work() {
        while let job = next() {
            let started = Moment.now().boot
            guard started < job.deadline else {
                job.expired()
                finished(after: nil)
                continue
            }
            job.run()
            finished(after: Moment.now().boot - started)
        }
    }

    private func next() -> Job? {
        condition.locked {
            while state.queue.isEmpty {
                if state.isStopping { return nil }
                condition.wait()
            }
            state.running += 1
            return state.queue.removeFirst()
        }
    }

    private func finished(after duration: UInt64?) {
        condition.locked {
            state.running -= 1
            state.finished += 1
            // A running mean over about eight jobs: enough to foresee the queue, quick to follow a slow machine.
            if let duration { state.meanDuration = (state.meanDuration * 7 + duration) / 8 }
        }
    }

    /// Answers queued jobs whose time has come while every thread is busy.
    private func expireOverdue() {
        while true {
            let overdue: [Job]? = condition.locked {
                if state.isStopping && state.queue.isEmpty { return nil }
                condition.wait(nanoseconds: state.queue.isEmpty ? nil : 20_000_000)
                let now = Moment.now().boot
                let late = state.queue.filter { $0.deadline <= now }
                if !late.isEmpty { state.queue.removeAll { $0.deadline <= now } }
                return late
            }
            guard let overdue else { return }
            for job in overdue { job.expired() }
        }
    }
}

/// Guarded by the lane's condition; nothing else touches it.
private final class LaneState: @unchecked Sendable {
    var queue: [Lane.Job] = []
    var threads: [Thread] = []
    var running = 0
    var finished = 0
    var meanDuration: UInt64 = 0
    var isStopping = false
}
