/// Tells work that goes on from work that stands still, by looking at it from time to time.
public struct Progress: Sendable {
    private let limit: UInt64
    private var done = 0
    /// When something was last seen to end, or nothing to be under way; CLOCK_BOOTTIME, ns.
    private var lastMove: UInt64?

    /// - Parameter limit: ns in which at least one of the pieces under way must end.
    public init(limit: UInt64) { self.limit = limit }

    /// False when pieces are under way and none has ended for longer than the limit.
    public mutating func isMoving(underWay: Int, done: Int, at boot: UInt64) -> Bool {
        if underWay == 0 || done != self.done || lastMove == nil { lastMove = boot }
        self.done = done
        return boot <= (lastMove ?? boot) + limit
    }
}
