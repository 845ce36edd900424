import FastCGI
import Glibc
import HTTP
import TestKit
import Testing

extension FastCGITests {
    @Suite("Slow peers")
    struct SlowPeerTests {
        private let request = FastCGIRequest("POST", "/slow", body: Array("hello".utf8))

        @Test("a peer that stops in the middle of a record is closed at the deadline, and holds no thread")
        func stops() throws {
            let fixture = try Fixture {
                $0.fastThreads = 1
                $0.slowDeadline = .milliseconds(500)
            }
            var peers: [FastCGIPeer] = []
            for count in stride(from: 1, to: request.bytes.count, by: 16) {
                let peer = try fixture.peer()
                try peer.send(Array(request.bytes[..<count]))
                peers.append(peer)
            }
            #expect(waitUntil { fixture.server.statistics.gathering == peers.count })
            #expect(try fixture.isAlive())
            for peer in peers { #expect(try peer.receiveUntilClosed(milliseconds: 1500).isEmpty) }
            #expect(fixture.server.statistics.slowTimeouts == peers.count)
            #expect(fixture.server.statistics.gathering == 0)
        }

        @Test("the deadline counts from the first byte: dripping does not move it")
        func drips() throws {
            let fixture = try Fixture { $0.slowDeadline = .milliseconds(400) }
            let peer = try fixture.peer()
            var sent = 0
            while !peer.isClosed && sent < request.bytes.count {
                try? peer.send([request.bytes[sent]])
                sent += 1
                usleep(20_000)
            }
            #expect(sent < 60)
            #expect(fixture.journal.all.isEmpty)
            #expect(fixture.server.statistics.slowTimeouts == 1)
            #expect(try fixture.isAlive())
        }

        @Test("a short request byte by byte is served")
        func byteByByte() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            var request = FastCGIRequest("/bytes")
            request.parameters = [("DOCUMENT_URI", "/bytes"), ("POSTERN_ROLE", "api")]
            for _ in 1...20 {
                for byte in request.bytes { try peer.send([byte]) }
                #expect(try peer.receive().text.contains("/bytes"))
            }
        }

        @Test("a request in more writes than its sender's buffer holds is refused at the deadline and hangs nothing")
        func moreWritesThanTheBufferHolds() throws {
            let fixture = try Fixture { $0.slowDeadline = .milliseconds(500) }
            let peer = try fixture.peer()
            let bytes = FastCGIRequest("POST", "/slow", body: noise(1000)).bytes
            var sent = 0
            // AF_UNIX charges at least 768 bytes for each write: about 278 of one byte fill the default buffer.
            while sent < bytes.count, try peer.sendSome([bytes[sent]], milliseconds: 50) == 1 { sent += 1 }
            #expect(sent < bytes.count)
            #expect(try peer.receiveUntilClosed().isEmpty)
            #expect(fixture.server.statistics.slowTimeouts == 1)
            #expect(try fixture.isAlive())
        }

        @Test("one-byte records in one write are served, as far as their headers fit")
        func oneByteRecords() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            var request = FastCGIRequest("POST", "/records", body: noise(2000))
            request.paramsSize = 1
            request.stdinSize = 1
            #expect(try peer.exchange(request).text.hasPrefix("POST /records  body=2000"))
            request = FastCGIRequest("POST", "/records", body: noise(32_768))
            request.stdinSize = 1
            try? peer.send(request.bytes)
            #expect(throws: FastCGIPeer.Fault.self) { try peer.receive() }
            #expect(fixture.server.statistics.refused == [.tooLong: 1])
            #expect(try fixture.isAlive())
        }

        @Test("a large request in pieces of 4 KiB is served")
        func pieces() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            let filler = [("HTTP_FILLER", String(repeating: "f", count: 60_000))]
            let bytes = FastCGIRequest("POST", "/pieces", body: noise(32_768), filler).bytes
            for start in stride(from: 0, to: bytes.count, by: 4096) {
                try peer.send(Array(bytes[start..<min(start + 4096, bytes.count)]))
            }
            #expect(try peer.receive().text.hasPrefix("POST /pieces  body=32768"))
        }

        @Test("a peer that closes early is forgotten at once, whatever part it sent")
        func closesEarly() throws {
            let fixture = try Fixture()
            for count in 0..<request.bytes.count {
                let peer = try fixture.peer()
                try peer.send(Array(request.bytes[..<count]))
                if count % 2 == 0 { peer.shutdownSending() }
            }
            #expect(waitUntil { fixture.server.statistics.open == 0 })
            #expect(fixture.journal.all.isEmpty)
            #expect(try fixture.isAlive())
        }

        @Test("a peer that goes away before its answer costs nothing")
        func closesBeforeAnswer() throws {
            let fixture = try Fixture()
            for _ in 1...200 {
                let peer = try fixture.peer()
                try peer.send(request.bytes)
            }
            #expect(waitUntil { fixture.server.statistics.open == 0 })
            #expect(try fixture.isAlive())
        }

        @Test("a peer that sends a whole request and half-closes is answered")
        func halfClosed() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            try peer.send(request.bytes)
            peer.shutdownSending()
            #expect(try peer.receive().status == 200)
        }

        @Test("a peer that does not take its answer holds a thread no longer than the time-out")
        func takesNothing() throws {
            let fixture = try Fixture({ $0.socketTimeout = .milliseconds(300) }) { request in
                let size = request.path == "/large" ? 4 << 20 : 10
                return .response(Response(.ok, body: [UInt8](repeating: 1, count: size)))
            }
            let peer = try fixture.peer()
            try peer.send(FastCGIRequest("/large").bytes)
            #expect(waitUntil(seconds: 0.9) { fixture.server.statistics.failedAnswers == 1 })
            #expect(try fixture.peer().exchange(FastCGIRequest("/small")).status == 200)
        }

        @Test("beyond the bound on parts of requests, a new part is closed at once")
        func bound() throws {
            let fixture = try Fixture { $0.slowConnections = 10 }
            var peers: [FastCGIPeer] = []
            for number in 1...10 {
                let peer = try fixture.peer()
                try peer.send([1])
                peers.append(peer)
                #expect(waitUntil { fixture.server.statistics.gathering == number })
            }
            #expect(try fixture.isClosedUnanswered([1]))
            #expect(fixture.server.statistics.slowRefused == 1)
            #expect(try fixture.isAlive())
            peers = []
            #expect(waitUntil { fixture.server.statistics.gathering == 0 })
            let peer = try fixture.peer()
            try peer.send([1])
            #expect(waitUntil { fixture.server.statistics.gathering == 1 })
        }

        @Test("an idle kept connection is closed after its time, one in use is not")
        func idle() throws {
            let fixture = try Fixture { $0.idleTimeout = .milliseconds(400) }
            let idle = try fixture.peer()
            #expect(try idle.exchange(FastCGIRequest("/x")).status == 200)
            let busy = try fixture.peer()
            while !idle.isClosed {
                #expect(try busy.exchange(FastCGIRequest("/x")).status == 200)
                usleep(20_000)
            }
            #expect(try busy.exchange(FastCGIRequest("/x")).status == 200)
            #expect(fixture.server.statistics.idleCloses == 1)
        }
    }
}
