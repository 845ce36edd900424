import Synchronization

/// What became of the passwords that came in, since the start. One each quarter of a second: plain counters do.
final class LoginCounts: Sendable {
    enum Outcome {
        case ok
        case failed
        /// Refused by a budget, a pause or a ban, and answered like a wrong password.
        case blocked
        /// Not looked at, for want of room: 503.
        case busy
    }

    private let ok = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let blocked = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)

    func note(_ outcome: Outcome) {
        switch outcome {
        case .ok: ok.add(1, ordering: .relaxed)
        case .failed: failed.add(1, ordering: .relaxed)
        case .blocked: blocked.add(1, ordering: .relaxed)
        case .busy: busy.add(1, ordering: .relaxed)
        }
    }

    var totals: LoginTotals {
        LoginTotals(
            ok: ok.load(ordering: .relaxed), failed: failed.load(ordering: .relaxed),
            blocked: blocked.load(ordering: .relaxed), busy: busy.load(ordering: .relaxed))
    }
}

public struct LoginTotals: Sendable, Equatable {
    public var ok = 0
    public var failed = 0
    public var blocked = 0
    public var busy = 0

    public init(ok: Int = 0, failed: Int = 0, blocked: Int = 0, busy: Int = 0) {
        self.ok = ok
        self.failed = failed
        self.blocked = blocked
        self.busy = busy
    }

    public static func + (one: LoginTotals, other: LoginTotals) -> LoginTotals {
        LoginTotals(
            ok: one.ok + other.ok, failed: one.failed + other.failed, blocked: one.blocked + other.blocked,
            busy: one.busy + other.busy)
    }
}
