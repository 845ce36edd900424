import Glibc
import Synchronization

/// The threads that answer requests (`Thread.Duty.answering`), and how they wake.
///
/// In quiet they interrupt nobody (SCHED_BATCH): a web server that hands on a request then hands on those behind it too, in
/// place of one change of threads for each. Half as many requests again (docs/performance.md). While this process has a
/// long calculation under way they do interrupt: who waits for its slice to end waits for milliseconds.
public enum AnsweringThreads {
    private struct State {
        var threads: [pthread_t] = []
        var calculations = 0

        var policy: Scheduling.Policy { calculations == 0 ? .batch : .ordinary }
    }

    private static let state = Mutex(State())

    /// Runs a long calculation, or waits for one that another process does.
    public static func giveWay<Result, Failure>(while body: () throws(Failure) -> Result) throws(Failure) -> Result {
        count(1)
        defer { count(-1) }
        return try body()
    }

    private static func count(_ change: Int) {
        state.withLock { state in
            let before = state.policy
            state.calculations += change
            if state.policy != before { for thread in state.threads { state.policy.take(thread) } }
        }
    }

    /// The calling thread, for the length of the call.
    static func include(while body: () -> Void) {
        let thread = pthread_self()
        state.withLock { state in
            state.threads.append(thread)
            state.policy.take(thread)
        }
        body()
        state.withLock { $0.threads.removeAll { pthread_equal($0, thread) != 0 } }
    }
}
