import FastCGI
import HTTP
import Synchronization
import System
import TestKit
import Testing

/// Holds completions until a test gives the answers.
final class Desk: Sendable {
    private let waiting = Mutex<[(path: String, completion: Completion)]>([])

    func take(_ path: String, _ completion: Completion) {
        waiting.withLock { $0.append((path, completion)) }
    }

    var count: Int { waiting.withLock { $0.count } }

    func answerAll(_ status: Status = .ok) {
        let all = waiting.withLock { held in
            defer { held = [] }
            return held
        }
        for entry in all { entry.completion(Response(status, body: Array(entry.path.utf8))) }
    }

    func forgetAll() { waiting.withLock { $0 = [] } }
}

extension FastCGITests {
    @Suite("Deferred answers")
    struct DeferredTests {
        private func fixture(_ desk: Desk, threads: Int = 1) throws -> Fixture {
            try Fixture({ $0.fastThreads = threads }) { request in
                guard request.path.hasPrefix("/later") else { return .response(Fixture.echo(request)) }
                return .deferred { desk.take(request.path, $0) }
            }
        }

        @Test("a deferred request holds no thread, and its answer comes from any")
        func later() throws {
            let desk = Desk()
            let fixture = try fixture(desk)
            var peers: [FastCGIPeer] = []
            for number in 1...50 {
                let peer = try fixture.peer()
                try peer.send(FastCGIRequest("POST", "/later/\(number)", body: noise(number)).bytes)
                peers.append(peer)
            }
            #expect(waitUntil { desk.count == 50 })
            #expect(fixture.server.statistics.running == 50)
            #expect(try fixture.isAlive())
            try Threads.start("answers") { desk.answerAll() }.join()
            for (index, peer) in peers.enumerated() {
                #expect(try peer.receive().text == "/later/\(index + 1)")
                #expect(try peer.exchange(FastCGIRequest("/now")).status == 200)
            }
            #expect(waitUntil { fixture.server.statistics.running == 0 })
        }

        @Test("a completion that is dropped answers 500")
        func dropped() throws {
            let desk = Desk()
            let fixture = try fixture(desk)
            let peer = try fixture.peer()
            for number in 1...20 {
                try peer.send(FastCGIRequest("/later").bytes)
                #expect(waitUntil { desk.count == 1 })
                desk.forgetAll()
                #expect(try peer.receive().status == 500)
                #expect(fixture.server.statistics.droppedCompletions == number)
            }
            #expect(try fixture.isAlive())
        }

        @Test("only the first answer of a completion counts")
        func twice() throws {
            let fixture = try Fixture(application: { _ in
                .deferred { completion in
                    completion(Response(.ok, body: [1]))
                    completion(Response(.forbidden, body: [2]))
                }
            })
            let peer = try fixture.peer()
            for _ in 1...50 { #expect(try peer.exchange(FastCGIRequest("/x")).body == [1]) }
        }

        @Test("a peer that went away while its answer was made is no harm")
        func peerGone() throws {
            let desk = Desk()
            let fixture = try fixture(desk)
            for _ in 1...20 { try fixture.peer().send(FastCGIRequest("/later").bytes) }
            #expect(waitUntil { desk.count == 20 })
            desk.answerAll()
            #expect(waitUntil { fixture.server.statistics.open == 0 })
            #expect(fixture.server.statistics.failedAnswers == 20)
            #expect(try fixture.isAlive())
        }

        @Test("an early answer from the head may be deferred as well")
        func longBody() throws {
            let desk = Desk()
            let fixture = try fixture(desk)
            var request = FastCGIRequest("POST", "/later")
            request.set("CONTENT_LENGTH", "50000")
            let peer = try fixture.peer()
            try peer.send(request.head)
            #expect(waitUntil { desk.count == 1 })
            #expect(fixture.journal.all.first?.isBodyWhole == false)
            try peer.send(FastCGI.stream(5, noise(50_000)))
            desk.answerAll(.contentTooLarge)
            #expect(try peer.receive().status == 413)
            #expect(try peer.receiveUntilClosed().isEmpty)
        }
    }
}
