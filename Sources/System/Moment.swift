import Glibc

/// One clock reading, taken once for each request and handed along.
public struct Moment: Sendable, Equatable {
    /// ns since boot, suspend included (CLOCK_BOOTTIME): rate windows and deadlines.
    public var boot: UInt64
    /// s since 1970 (CLOCK_REALTIME): times in tokens.
    public var wall: Int64

    public init(boot: UInt64, wall: Int64) {
        self.boot = boot
        self.wall = wall
    }

    public static func now() -> Moment {
        var wall = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &wall)
        return Moment(boot: bootNow, wall: Int64(wall.tv_sec))
    }

    /// `boot` alone, for a duration: half of what `now` costs.
    public static var bootNow: UInt64 {
        var boot = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &boot)
        return UInt64(boot.tv_sec) * 1_000_000_000 + UInt64(boot.tv_nsec)
    }

    public func adding(milliseconds: Int) -> Moment {
        Moment(boot: boot &+ UInt64(milliseconds) * 1_000_000, wall: wall)
    }
}
