import Service
import Testing

@testable import FastCGI
@testable import posternd

@Suite("What the journal tells of the gate")
struct GateCountsTests {
    @Test("Each reason for which the gate closed connections is a count of its own, by the name that stands in logs")
    func refused() throws {
        var statistics = Statistics()
        statistics.refused = [.version: 3, .repeatedName: 5]
        let refused = GateCounts.of(statistics).filter { "\($0.event)" == "gate.refused" }
        #expect(refused.count == 2)
        #expect(refused.allSatisfy { !$0.isDefect })
        for (reason, total) in [("version", 3), ("repeated_name", 5)] {
            let count = try #require(refused.first { $0.fields.map(\.value) == [reason] })
            #expect(count.fields.map { "\($0.name)" } == ["reason"])
            #expect(count.total == total)
        }
    }

    @Test("What the gate passed and libfcgi did not take is a defect, also when there is none yet")
    func defects() throws {
        for total in [0, 2] {
            var statistics = Statistics()
            statistics.gateDefects = total
            let counts = GateCounts.of(statistics)
            #expect(counts.map { "\($0.event)" } == ["gate.defect"])
            #expect(counts.first?.total == total)
            #expect(counts.first?.isDefect == true)
        }
    }
}
