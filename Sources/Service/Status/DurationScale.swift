/// A scale for the times of answers: four steps an octave from 16 µs to a second, so a time is told to a tenth.
public enum DurationScale {
    /// 2^14 ns; what is shorter shares the first step.
    private static let firstExponent = 14
    private static let octaves = 16
    /// Steps, the first and the open last one included.
    static let count = 2 + 4 * octaves

    /// The step that a time belongs to. A few shifts: every answer comes through here.
    static func step(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >> UInt64(firstExponent) > 0 else { return 0 }
        let exponent = 63 - nanoseconds.leadingZeroBitCount
        let quarter = Int(nanoseconds >> UInt64(exponent - 2)) & 3
        return min(count - 1, 1 + 4 * (exponent - firstExponent) + quarter)
    }

    /// ns; times of a step are below its end.
    static func end(of step: Int) -> UInt64 {
        guard step > 0 else { return 1 << UInt64(firstExponent) }
        let octave = UInt64(firstExponent + (step - 1) / 4)
        return (1 << octave) + UInt64((step - 1) % 4 + 1) << (octave - 2)
    }

    /// The time, in ns, that this share of the answers stayed below; `nil` when there was none.
    ///
    /// - Parameter counts: answers by step.
    public static func percentile(_ share: Double, of counts: [Int]) -> UInt64? {
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        let wanted = max(1, Int((share * Double(total)).rounded(.up)))
        var sum = 0
        for (step, count) in counts.enumerated() {
            sum += count
            if sum >= wanted { return end(of: min(step, Self.count - 1)) }
        }
        return end(of: Self.count - 1)
    }
}
