import System
import Testing

@Suite struct ProgressTests {
    private typealias Look = (underWay: Int, done: Int, boot: UInt64)

    private func verdicts(_ looks: [Look]) -> [Bool] {
        var progress = Progress(limit: 60)
        return looks.map { progress.isMoving(underWay: $0.underWay, done: $0.done, at: $0.boot) }
    }

    @Test("Work under way of which nothing ends within the limit stands still")
    func standsStill() {
        #expect(verdicts([(2, 5, 100), (2, 5, 160), (2, 5, 161), (1, 6, 162)]) == [true, true, false, true])
    }

    @Test("Nothing to do is no standstill, and the time counts from the last idle look")
    func idle() {
        #expect(verdicts([(0, 0, 100), (0, 0, 10_000), (1, 0, 10_060), (1, 0, 10_061)]) == [true, true, true, false])
    }
}
