import HTTP
import TestKit
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("Gate")
    struct GateTests {
        private func judge(_ bytes: [UInt8]) -> Verdict {
            var gate = Gate(limits: Limits())
            return gate.judge(bytes.span)
        }

        private let request = FastCGIRequest("POST", "/x", body: Array("hello".utf8))

        @Test("a whole request passes, and every part of it is incomplete")
        func parts() {
            let bytes = request.bytes
            #expect(judge(bytes) == .whole)
            for count in 0..<bytes.count {
                #expect(judge(Array(bytes[..<count])) == .incomplete, "\(count) bytes")
            }
        }

        @Test("PARAMS and STDIN in records of any size are read as one stream", arguments: [1, 2, 3, 5, 8, 13, 100])
        func recordSizes(_ size: Int) {
            var request = request
            request.paramsSize = size
            request.stdinSize = size
            request.padding = size % 4
            #expect(judge(request.bytes) == .whole)
        }

        @Test("a request without any parameter passes")
        func noParameters() {
            #expect(
                judge(FastCGI.begin() + FastCGI.endOf(4) + FastCGI.endOf(5)) == .whole)
        }

        @Test("an unknown version is refused at its first byte, in every record")
        func version() {
            #expect(judge([2]) == .refused(.version))
            #expect(judge([0]) == .refused(.version))
            #expect(judge(FastCGI.begin() + [9]) == .refused(.version))
            #expect(judge(request.head + [0x50]) == .refused(.version))
        }

        @Test("nothing but a begin record of 8 bytes, without padding and with an id, comes first")
        func begin() {
            #expect(judge(FastCGI.record(4)) == .refused(.record))
            #expect(judge(FastCGI.begin(id: 0)) == .refused(.requestID))
            #expect(judge(FastCGI.record(1, Array(repeating: 0, count: 7))) == .refused(.begin))
            #expect(judge(FastCGI.begin(padding: [0])) == .refused(.padding))
        }

        @Test("roles other than Responder and Authorizer are refused", arguments: [0, 3, 4, 0x100, 0xffff] as [UInt16])
        func role(_ role: UInt16) {
            #expect(judge(FastCGI.begin(role: role)) == .refused(.role))
        }

        @Test("no other record stands between the PARAMS, nor behind them")
        func records() {
            let begin = FastCGI.begin()
            for type in [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 255] as [UInt8] {
                #expect(judge(begin + FastCGI.record(type, [0])) == .refused(.record), "type \(type)")
            }
            for type in [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 255] as [UInt8] {
                #expect(judge(request.head + FastCGI.record(type, [0])) == .refused(.record), "type \(type)")
            }
            #expect(judge(begin + FastCGI.record(4, id: 2, [0])) == .refused(.requestID))
            #expect(judge(request.head + FastCGI.record(5, id: 2, [0])) == .refused(.requestID))
        }

        @Test("padding is refused where libfcgi parses it as a record, and taken elsewhere")
        func padding() {
            let pairs = FastCGI.pairs([("CONTENT_LENGTH", "1")])
            let end = FastCGI.record(4, padding: [0])
            #expect(judge(FastCGI.begin() + FastCGI.record(4, pairs) + end) == .refused(.padding))
            let head = FastCGI.begin() + FastCGI.record(4, pairs, padding: noise(255)) + FastCGI.record(4)
            let body = FastCGI.record(5, [7], padding: noise(255))
            #expect(judge(head + body + FastCGI.record(5)) == .whole)
            #expect(judge(head + body + FastCGI.record(5, padding: [0])) == .refused(.padding))
        }

        private func head(_ content: [UInt8]) -> [UInt8] {
            FastCGI.begin() + FastCGI.record(4, content) + FastCGI.endOf(4)
        }

        @Test("pairs end exactly where the PARAMS end")
        func cutPairs() {
            let pair = FastCGI.pair("REMOTE_ADDR", "127.0.0.1")
            for count in 1..<pair.count {
                #expect(judge(head(Array(pair[..<count]))) == .refused(.parametersCut), "\(count) bytes")
            }
        }

        @Test("lengths near 2^31 are refused and overflow nothing")
        func hugeLengths() {
            for (name, value) in [(0x7fff_ffff, 0x7fff_ffff), (0x7fff_fffe, 0x10), (1, 0x7fff_ffff), (0x3fff_ffff, 1)]
                as [(UInt32, UInt32)]
            {
                let content = FastCGI.longLength(name) + FastCGI.longLength(value) + Array("AB".utf8)
                #expect(judge(head(content)) == .refused(.parametersCut))
            }
        }

        @Test("names are letters, digits and underscores")
        func names() {
            for name in ["", "A=B", "A B", "A-B", "A\u{0}", "Ä", "A\n"] {
                #expect(judge(head(FastCGI.pair(name, "x"))) == .refused(.parameterName), "\(name)")
            }
            #expect(judge(head(FastCGI.pair("azAZ09_", "x")) + FastCGI.endOf(5)) == .whole)
        }

        @Test("a NUL in a value is refused, any other byte is taken")
        func values() {
            #expect(judge(head(FastCGI.pair(Array("A".utf8), [65, 0, 65]))) == .refused(.parameterValue))
            let others = (1...255).map { UInt8($0) }
            #expect(judge(head(FastCGI.pair(Array("A".utf8), others)) + FastCGI.endOf(5)) == .whole)
        }

        @Test("a trusted name twice is refused, a header twice is not", arguments: TrustedName.allCases)
        func repeatedName(_ name: TrustedName) {
            let pair = FastCGI.pair(name.rawValue, "1")
            #expect(judge(head(pair + FastCGI.pair("HTTP_X", "1") + pair)) == .refused(.repeatedName))
            let header = FastCGI.pair("HTTP_COOKIE", "1")
            #expect(judge(head(header + header) + FastCGI.endOf(5)) == .whole)
        }

        @Test("a registered name twice is refused too, and is nothing to the gate before and after")
        func registeredName() throws {
            let names = RegisteredNames()
            var (gate, copy) = (Gate(limits: Limits()), RegisteredNames.Copy())
            func judgeTwice(_ name: String) -> Verdict {
                if names.refresh(&copy) { gate.look(for: copy.names) }
                let pair = FastCGI.pair(name, "1")
                return gate.judge((head(pair + pair) + FastCGI.endOf(5)).span)
            }
            #expect(judgeTwice("CUSTOMER") == .whole)
            names.register([try ParameterName("CUSTOMER"), try ParameterName("PLAN")])
            #expect(judgeTwice("CUSTOMER") == .refused(.repeatedName))
            #expect(judgeTwice("PLAN") == .refused(.repeatedName))
            #expect(judgeTwice("POSTERN_ROLE") == .refused(.repeatedName))
            #expect(judgeTwice("CUSTOMERS") == .whole)
            names.register([])
            #expect(judgeTwice("CUSTOMER") == .whole)
        }

        @Test(
            "CONTENT_LENGTH is a decimal number and nothing else",
            arguments: ["-1", "+1", " 1", "1 ", "0x10", "1.0", "1e3", "９", "9999999999999999999"])
        func contentLength(_ text: String) {
            #expect(judge(head(FastCGI.pair("CONTENT_LENGTH", text))) == .refused(.contentLength))
        }

        @Test("a body is exactly as long as CONTENT_LENGTH")
        func bodyLength() {
            let head = head(FastCGI.pair("CONTENT_LENGTH", "3"))
            #expect(judge(head + FastCGI.record(5, [1, 2]) + FastCGI.endOf(5)) == .refused(.bodyLength))
            #expect(judge(head + FastCGI.record(5, [1, 2, 3, 4])) == .refused(.bodyLength))
            #expect(judge(head + FastCGI.endOf(5)) == .refused(.bodyLength))
            #expect(judge(head + FastCGI.record(5, [1, 2, 3])) == .incomplete)
        }

        @Test("nothing stands behind a request")
        func trailing() {
            #expect(judge(request.bytes + [1]) == .refused(.trailing))
            #expect(judge(request.bytes + request.bytes) == .refused(.trailing))
        }

        @Test("a CONTENT_LENGTH above the limit is judged by the head alone, whatever follows")
        func longBody() {
            let limit = Limits().bodyLimit
            #expect(judge(head(FastCGI.pair("CONTENT_LENGTH", String(limit)))) == .incomplete)
            let long = head(FastCGI.pair("CONTENT_LENGTH", String(limit + 1)))
            #expect(judge(long) == .headOnly)
            #expect(judge(long + noise(500)) == .headOnly)
            #expect(judge(Array(long.dropLast())) == .incomplete)
        }

        @Test("an Authorizer's request ends with its PARAMS, or with an empty STDIN")
        func authorizer() {
            let head =
                FastCGI.begin(role: 2) + FastCGI.record(4, FastCGI.pair("CONTENT_LENGTH", "7")) + FastCGI.endOf(4)
            #expect(judge(head) == .headOnly)
            #expect(judge(head + FastCGI.endOf(5)) == .whole)
            #expect(judge(head + [1, 5, 0]) == .incomplete)
            #expect(judge(head + FastCGI.record(5, [1])) == .refused(.bodyLength))
        }

        @Test("PARAMS are at most 64 KiB, and records' headers and padding no endless rest")
        func sizes() {
            let value = String(repeating: "x", count: 65_536 - 10 - 6 + 5)
            let largest = FastCGI.pair("HTTP_X", String(value.dropLast(5)))
            #expect(largest.count == 65_536 - 5)
            let head = FastCGI.begin() + FastCGI.stream(4, largest)
            #expect(judge(head + FastCGI.endOf(4) + FastCGI.endOf(5)) == .whole)
            #expect(judge(head + FastCGI.record(4, noise(6))) == .refused(.parametersTooLong))
            let padded = FastCGI.begin() + FastCGI.stream(4, largest, size: 200, padding: 255)
            #expect(judge(padded) == .refused(.tooLong))
        }
    }
}
