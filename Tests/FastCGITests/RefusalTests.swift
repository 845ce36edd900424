import FastCGI
import TestKit
import Testing

extension FastCGITests {
    @Suite("Refusals")
    struct RefusalTests {
        struct Case: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let reason: Refusal
            let bytes: [UInt8]

            init(_ name: String, _ reason: Refusal, _ bytes: [UInt8]) {
                testDescription = name
                self.reason = reason
                self.bytes = bytes
            }
        }

        private static let request = FastCGIRequest("POST", "/x", body: Array("hello".utf8))

        private static func head(_ content: [UInt8]) -> [UInt8] {
            FastCGI.begin() + FastCGI.record(4, content) + FastCGI.endOf(4)
        }

        private static func values(_ names: [String]) -> [UInt8] {
            FastCGI.record(9, id: 0, names.flatMap { FastCGI.pair($0, "") })
        }

        private static let cases: [Case] = [
            Case(
                "a management record between the body's records", .record,
                request.head + FastCGI.record(5, [0x68]) + values(["FCGI_MAX_CONNS"]) + FastCGI.record(5, [0x68])),
            Case("FCGI_GET_VALUES first", .record, values(["FCGI_MAX_CONNS", "FCGI_MAX_REQS"])),
            Case(
                "FCGI_GET_VALUES with repeated names", .record,
                values(Array(repeating: "FCGI_MPXS_CONNS", count: 5))),
            Case(
                "FCGI_GET_VALUES with repeated names in the middle of a body", .record,
                request.head + values(Array(repeating: "FCGI_MAX_CONNS", count: 9)) + FastCGI.endOf(5)),
            Case("FCGI_ABORT_REQUEST first", .record, FastCGI.record(2)),
            Case("FCGI_ABORT_REQUEST in the PARAMS", .record, FastCGI.begin() + FastCGI.record(2)),
            Case("FCGI_ABORT_REQUEST in the body", .record, request.head + FastCGI.record(2)),
            Case("a second begin record in the PARAMS", .record, FastCGI.begin() + FastCGI.begin()),
            Case("a second begin record of another id in the PARAMS", .record, FastCGI.begin() + FastCGI.begin(id: 2)),
            Case("a second begin record in the body", .record, request.head + FastCGI.begin()),
            Case("an unknown type", .record, request.head + FastCGI.record(77, [1])),
            Case("an unknown version", .version, FastCGI.record(1, Array(repeating: 0, count: 8), version: 2)),
            Case("an unknown version in the body", .version, request.head + FastCGI.record(5, [1], version: 0)),
            Case("a Filter", .role, FastCGI.begin(role: FastCGI.RoleNumber.filter)),
            Case("an unknown role", .role, FastCGI.begin(role: 0x0101)),
            Case(
                "lengths of 0x7fffffff", .parametersCut,
                head(FastCGI.longLength(0x7fff_ffff) + FastCGI.longLength(0x7fff_ffff))),
            Case(
                "lengths of 0x7ffffffe and 0x10", .parametersCut,
                head(FastCGI.longLength(0x7fff_fffe) + FastCGI.longLength(0x10) + noise(40))),
            Case("a name with =", .parameterName, head(FastCGI.pair("A=B", "x"))),
            Case("a value with NUL", .parameterValue, head(FastCGI.pair(Array("A".utf8), [1, 0]))),
            Case(
                "a trusted name twice", .repeatedName,
                head(FastCGI.pairs([("REMOTE_ADDR", "192.0.2.1"), ("REMOTE_ADDR", "127.0.0.1")]))),
            Case(
                "PARAMS above the limit", .parametersTooLong,
                FastCGI.begin() + FastCGI.stream(4, noise(70_000))),
            Case("garbage", .version, noise(3000)),
            Case("an HTTP request", .version, Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
        ]

        @Test("what breaks the rules is closed unanswered, counted, and the worker serves on", arguments: cases)
        func refused(_ item: Case) throws {
            let fixture = try Fixture()
            #expect(try fixture.isClosedUnanswered(item.bytes))
            #expect(fixture.journal.all.isEmpty)
            #expect(fixture.server.statistics.refused == [item.reason: 1])
            #expect(try fixture.isAlive())
        }

        @Test("the same behind a sound request on a kept connection", arguments: cases)
        func refusedLater(_ item: Case) throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            #expect(try peer.exchange(FastCGIRequest("/sound")).status == 200)
            try peer.send(item.bytes)
            #expect(try peer.receiveUntilClosed().isEmpty)
            #expect(fixture.journal.paths == ["/sound"])
            #expect(fixture.server.statistics.refused == [item.reason: 1])
        }

        @Test("garbage of any kind hurts nobody")
        func garbage() throws {
            let fixture = try Fixture { $0.slowDeadline = .milliseconds(200) }
            for seed in 1...300 {
                var bytes = noise(seed * 13 % 4000 + 1, seed: UInt64(seed))
                if seed % 3 == 0 { bytes[0] = 1 }
                if seed % 5 == 0 { bytes = FastCGI.begin() + bytes }
                let peer = try fixture.peer()
                // It may be closed while it is still being sent.
                try? peer.send(bytes)
            }
            #expect(fixture.journal.all.isEmpty)
            #expect(waitUntil { fixture.server.statistics.open == 0 })
            #expect(try fixture.isAlive())
        }
    }
}
