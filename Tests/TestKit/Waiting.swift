import Glibc

/// Waits until a condition holds, looking once a millisecond; false when it does not within the time.
public func waitUntil(seconds: Double = 10, _ condition: () -> Bool) -> Bool {
    var left = Int(seconds * 1000)
    while !condition() {
        guard left > 0 else { return false }
        left -= 1
        usleep(1000)
    }
    return true
}
