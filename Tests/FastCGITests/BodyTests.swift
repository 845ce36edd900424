import FastCGI
import TestKit
import Testing

extension FastCGITests {
    @Suite("Bodies")
    struct BodyTests {
        @Test("bodies around 32 KiB arrive whole, and one byte more is 413")
        func lengths() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            for length in Array(0...40) + Array(32_700...32_768) {
                let body = noise(length, seed: UInt64(length))
                let answer = try peer.exchange(FastCGIRequest("POST", "/body", body: body))
                #expect(answer.text == "POST /body  body=\(length) sum=\(Fixture.sum(body))")
            }
            for length in 32_769...32_800 {
                let answer = try fixture.peer().exchange(FastCGIRequest("POST", "/body", body: noise(length)))
                #expect(answer.status == 413, "\(length) bytes")
            }
            #expect(fixture.server.statistics.gateDefects == 0)
            #expect(try fixture.isAlive())
        }

        @Test("the largest head and the largest body together arrive whole")
        func largest() throws {
            let fixture = try Fixture()
            let filler = String(repeating: "f", count: 65_000)
            let body = noise(32_768)
            let request = FastCGIRequest("POST", "/largest", body: body, [("HTTP_FILLER", filler)])
            let peer = try fixture.peer()
            for _ in 1...5 {
                #expect(
                    try peer.exchange(request).text == "POST /largest  body=32768 sum=\(Fixture.sum(body))")
            }
            #expect(fixture.journal.all.first?.headers["filler"] == filler)
        }

        @Test("a body of 10 MiB full of records gets its 413, and none of it is parsed")
        func tenMebibytes() throws {
            let fixture = try Fixture()
            let forged = FastCGIRequest("/forged").bytes
            var body: [UInt8] = []
            while body.count < 10 << 20 { body += forged }
            for keep in [true, false] {
                for _ in 1...5 {
                    var request = FastCGIRequest("POST", "/upload", body: body)
                    request.keep = keep
                    let peer = try fixture.peer()
                    #expect(try peer.exchange(request).status == 413)
                    #expect(try peer.receiveUntilClosed().isEmpty)
                }
            }
            #expect(fixture.journal.paths == Array(repeating: "/upload", count: 10))
            #expect(fixture.journal.all.allSatisfy { !$0.isBodyWhole && $0.body.isEmpty })
            #expect(fixture.journal.all.allSatisfy { $0.contentLength == body.count })
            #expect(waitUntil { fixture.server.statistics.slowCloses == 10 })
            #expect(fixture.server.statistics.slowCloseTimeouts == 0)
            #expect(try fixture.isAlive())
        }

        @Test("the slow close reads on, so that an early answer reaches a peer that still sends")
        func earlyAnswer() throws {
            let fixture = try Fixture()
            let rest = FastCGI.stream(5, noise(1_000_000)) + FastCGI.endOf(5)
            var request = FastCGIRequest("POST", "/upload")
            request.set("CONTENT_LENGTH", "1000000")
            for number in 1...100 {
                let peer = try fixture.peer()
                try peer.send(request.head)
                #expect(waitUntil { fixture.server.statistics.answered == number })
                try peer.send(rest)
                #expect(try peer.receive().status == 413)
            }
        }

        @Test("the slow close ends at its deadline and at its byte limit")
        func slowCloseBounds() throws {
            let fixture = try Fixture {
                $0.slowCloseDeadline = .milliseconds(300)
                $0.slowCloseBytes = 1 << 20
            }
            var request = FastCGIRequest("POST", "/upload")
            request.set("CONTENT_LENGTH", "100000000")
            let silent = try fixture.peer()
            try silent.send(request.head)
            #expect(try silent.receive().status == 413)
            #expect(waitUntil(seconds: 0.9) { fixture.server.statistics.slowCloseTimeouts == 1 })

            let endless = try fixture.peer()
            try endless.send(request.head)
            #expect(throws: FastCGIPeer.Fault.self) {
                for _ in 1...200 { try endless.send(noise(65_536)) }
            }
            #expect(fixture.server.statistics.slowCloseTimeouts == 2)
            #expect(try fixture.isAlive())
        }

        @Test("a body shorter or longer than CONTENT_LENGTH is refused")
        func wrongLength() throws {
            let fixture = try Fixture()
            for declared in ["", "0", "4", "6", "32768"] {
                var request = FastCGIRequest("POST", "/wrong", body: Array("hello".utf8))
                request.set("CONTENT_LENGTH", declared)
                #expect(try fixture.isClosedUnanswered(request.bytes), "\(declared)")
            }
            #expect(fixture.journal.all.isEmpty)
            #expect(fixture.server.statistics.refused == [.bodyLength: 5])
            #expect(try fixture.isAlive())
        }
    }
}
