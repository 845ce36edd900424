import FastCGI
import TestKit
import Testing

/// A client's body, or padding, that holds whole FastCGI requests: none may run.
extension FastCGITests {
    @Suite("Forgery")
    struct ForgeryTests {
        private static let forged = FastCGIRequest("GET", "/forged", [("HTTP_X", "forged")]).bytes

        /// `count` bytes of filler, then forged requests.
        private func body(alignment: Int, length: Int) -> [UInt8] {
            var body = [UInt8](repeating: 0x78, count: alignment)
            while body.count < length { body += ForgeryTests.forged }
            return Array(body.prefix(length))
        }

        @Test("forged records in a body that is read run at none of 2,000 alignments")
        func shortBodies() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            for alignment in 0..<2000 {
                let body = body(alignment: alignment, length: alignment + 3 * ForgeryTests.forged.count)
                let answer = try peer.exchange(FastCGIRequest("POST", "/login", body: body))
                #expect(answer.text == "POST /login  body=\(body.count) sum=\(Fixture.sum(body))")
            }
            #expect(Set(fixture.journal.paths) == ["/login"])
            #expect(fixture.server.statistics.requests == 2000)
        }

        @Test("forged records in a body that is not read run at none of 2,000 alignments", arguments: [true, false])
        func longBodies(_ keep: Bool) throws {
            let fixture = try Fixture()
            for alignment in 0..<2000 {
                var request = FastCGIRequest("POST", "/login", body: body(alignment: alignment, length: 34_000))
                request.keep = keep
                request.stdinSize = alignment % 2 == 0 ? 0x8000 : 0x2000
                let peer = try fixture.peer()
                #expect(try peer.exchange(request).status == 413)
                #expect(try peer.receiveUntilClosed().isEmpty)
            }
            #expect(Set(fixture.journal.paths) == ["/login"])
            #expect(fixture.server.statistics.requests == 2000)
        }

        @Test("forged records in the padding of each kind of record never run")
        func padding() throws {
            let fixture = try Fixture()
            let forged = Array(ForgeryTests.forged.prefix(255))
            let small = FastCGI.begin() + FastCGI.endOf(4) + FastCGI.endOf(5)
            #expect(small.count < 255)
            for padding in [forged, small] {
                let pairs = FastCGI.pairs([("DOCUMENT_URI", "/padded"), ("CONTENT_LENGTH", "2")])
                let begin = FastCGI.begin()
                let params = FastCGI.record(4, pairs)
                let stdin = FastCGI.record(5, [1, 2])
                let refused = [
                    FastCGI.begin(padding: padding) + params + FastCGI.endOf(4) + stdin + FastCGI.endOf(5),
                    begin + params + FastCGI.record(4, padding: padding) + stdin + FastCGI.endOf(5),
                    begin + params + FastCGI.endOf(4) + stdin + FastCGI.record(5, padding: padding),
                ]
                for bytes in refused { #expect(try fixture.isClosedUnanswered(bytes)) }
                let peer = try fixture.peer()
                try peer.send(
                    begin + FastCGI.record(4, pairs, padding: padding) + FastCGI.endOf(4)
                        + FastCGI.record(5, [1, 2], padding: padding) + FastCGI.endOf(5))
                #expect(try peer.receive().status == 200)
                #expect(try peer.exchange(FastCGIRequest("/next")).text.contains("/next"))
            }
            #expect(fixture.journal.paths == ["/padded", "/next", "/padded", "/next"])
            #expect(fixture.server.statistics.refused == [.padding: 6])
        }

        @Test("two requests in one write are refused, in two writes served or refused, and never mixed")
        func twoRequests() throws {
            let fixture = try Fixture()
            let first = FastCGIRequest("/first").bytes
            let second = FastCGIRequest("POST", "/second", body: ForgeryTests.forged).bytes
            #expect(try fixture.isClosedUnanswered(first + second))
            for cut in 1..<second.count {
                let peer = try fixture.peer()
                try peer.send(first + second[..<cut])
                #expect(try peer.receiveUntilClosed().isEmpty)
            }
            for _ in 1...300 {
                let peer = try fixture.peer()
                try? peer.send(first)
                try? peer.send(second)
                if let answer = try? peer.receive() { #expect(answer.text.hasPrefix("GET /first")) }
                if let answer = try? peer.receive() { #expect(answer.text.hasPrefix("POST /second")) }
            }
            #expect(Set(fixture.journal.paths).isSubset(of: ["/first", "/second"]))
            #expect(fixture.server.statistics.gateDefects == 0)
            #expect(try fixture.isAlive())
        }

        @Test("bytes that libfcgi took from behind a request are seen")
        func unparsed() throws {
            try Library.initialize()
            #expect(Library.layoutIsKnown)
            for extra in [0, 1, 7, 8, 100, 5000] {
                let (peer, descriptor) = try socketPair()
                try peer.send(FastCGIRequest("POST", "/x", body: noise(100)).bytes + noise(extra))
                let request = LibraryRequest()
                #expect(request.take(descriptor))
                #expect(request.readBody(count: 100) == noise(100))
                #expect(request.unparsed == extra)
                #expect(request.release() == descriptor)
                FastCGIPeer(owning: descriptor).close()
            }
        }
    }
}
