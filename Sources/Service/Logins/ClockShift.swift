import System

/// Whether somebody has set the time of day: how far it has moved against the clock since boot.
///
/// MariaDB tells by the time of day what is too old. Set a year forward it would let every known network go, and with
/// them what keeps strangers from locking owners out.
struct ClockShift: Sendable {
    /// s; more than any leap second, summer time by hand, or step of an NTP client on a running host.
    private static let tolerance: Int64 = 3600

    private let start: Moment

    /// - Parameter start: a moment at which the time of day is taken to be right.
    init(since start: Moment) { self.start = start }

    /// By how much, s, forward or back; nil while it is an hour at most.
    func seconds(at now: Moment) -> Int64? {
        let sinceBoot = Int64(clamping: now.boot / 1_000_000_000) - Int64(clamping: start.boot / 1_000_000_000)
        let shift = now.wall - start.wall - sinceBoot
        return abs(shift) > ClockShift.tolerance ? shift : nil
    }
}
