/// How long the last wrong passwords took to look at, for answers that must look like theirs.
struct FailureTimes: Sendable {
    private static let capacity = 16
    /// ns of a bcrypt round on a small server; only until there was a real one.
    private static let round: UInt64 = 60_000

    private var recent: [UInt64] = []
    private var oldest = 0

    mutating func note(_ duration: UInt64) {
        guard recent.count == FailureTimes.capacity else { return recent.append(duration) }
        recent[oldest] = duration
        oldest = (oldest + 1) % FailureTimes.capacity
    }

    /// One of them, at random: many drawn have their mean and their spread. A mean alone would have no spread, and
    /// that could be told.
    func draw(bcryptCost: Int, using generator: inout some RandomNumberGenerator) -> UInt64 {
        if let duration = recent.randomElement(using: &generator) { return duration }
        let estimate = FailureTimes.round << UInt64(bcryptCost)
        return UInt64.random(in: (estimate - estimate / 10)...(estimate + estimate / 10), using: &generator)
    }
}
