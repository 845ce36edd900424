import FastCGI
import Synchronization
import System
import TestKit
import Testing

extension FastCGITests {
    @Suite("Drain")
    struct DrainTests {
        /// Drains on a thread of its own and notes the result.
        private final class Draining: Sendable {
            private let thread: System.Thread
            private let holder: SendableResult

            init(_ server: Server, within limit: Duration) throws {
                let result = SendableResult()
                thread = try Threads.start("drain") {
                    let isClean = server.drain(within: limit)
                    result.value.withLock { $0 = isClean }
                }
                self.holder = result
            }

            var isDone: Bool { holder.value.withLock { $0 != nil } }

            func wait() -> Bool? {
                thread.join()
                return holder.value.withLock { $0 }
            }
        }

        private final class SendableResult: Sendable {
            let value = Mutex<Bool?>(nil)
        }

        @Test("a server without work ends at once and closes its idle connections")
        func idle() throws {
            let fixture = try Fixture()
            let peers = try (1...20).map { _ in try fixture.peer() }
            for peer in peers { #expect(try peer.exchange(FastCGIRequest("/x")).status == 200) }
            #expect(fixture.server.drain(within: .seconds(5)))
            let open = peers.filter { !$0.isClosed }
            #expect(open.isEmpty)
            #expect(fixture.server.statistics.open == 0)
        }

        @Test("what runs is finished, deferred requests too, and nobody new is accepted")
        func running() throws {
            let desk = Desk()
            let fixture = try Fixture(application: { request in .deferred { desk.take(request.path, $0) } })
            let peers = try (1...5).map { _ in try fixture.peer() }
            for peer in peers { try peer.send(FastCGIRequest("/later").bytes) }
            #expect(waitUntil { desk.count == 5 })
            let draining = try Draining(fixture.server, within: .seconds(10))
            #expect(!draining.isDone)
            desk.answerAll()
            for peer in peers {
                #expect(try peer.receive().text == "/later")
                #expect(try peer.receiveUntilClosed().isEmpty)
            }
            #expect(draining.wait() == true)
            // The listen queue takes a late client, and no thread does.
            let late = try fixture.peer()
            try late.send(FastCGIRequest("/late").bytes)
            #expect(throws: FastCGIPeer.Fault.timedOut) { try late.receive(milliseconds: 100) }
            #expect(fixture.server.statistics.requests == 5)
        }

        @Test("connections with bytes waiting are served, a part of a request may become whole")
        func bytesWaiting() throws {
            let desk = Desk()
            let fixture = try Fixture({ $0.fastThreads = 1 }) { request in
                if request.path == "/first" { return .deferred { desk.take(request.path, $0) } }
                return .response(Fixture.echo(request))
            }
            let first = try fixture.peer()
            try first.send(FastCGIRequest("/first").bytes)
            #expect(waitUntil { desk.count == 1 })
            let part = try fixture.peer()
            let bytes = FastCGIRequest("POST", "/part", body: noise(100)).bytes
            try part.send(Array(bytes[..<50]))
            #expect(waitUntil { fixture.server.statistics.gathering == 1 })
            let waiting = try fixture.peer()
            #expect(try waiting.exchange(FastCGIRequest("/open")).status == 200)
            // Its answer may arrive before the thread has let go of it; a drain would then close it at once.
            #expect(waitUntil { fixture.server.statistics.running == 1 })

            let draining = try Draining(fixture.server, within: .seconds(10))
            try waiting.send(FastCGIRequest("/waiting").bytes)
            #expect(try waiting.receive().status == 200)
            try part.send(Array(bytes[50...]))
            #expect(try part.receive().status == 200)
            #expect(!draining.isDone)
            desk.answerAll()
            #expect(try first.receive().status == 200)
            #expect(draining.wait() == true)
            #expect(fixture.server.statistics.open == 0)
        }

        @Test("a request that is never answered, or never whole, does not outlast the limit")
        func limit() throws {
            let parts = try Fixture()
            let part = try parts.peer()
            try part.send([1, 1])
            #expect(waitUntil { parts.server.statistics.gathering == 1 })
            #expect(parts.server.drain(within: .milliseconds(200)))
            #expect(part.isClosed)

            let desk = Desk()
            let stuck = try Fixture(application: { request in .deferred { desk.take(request.path, $0) } })
            let peer = try stuck.peer()
            try peer.send(FastCGIRequest("/stuck").bytes)
            #expect(waitUntil { desk.count == 1 })
            #expect(!stuck.server.drain(within: .milliseconds(200)))
            desk.answerAll()
            #expect(try peer.receive().status == 200)
        }

        @Test("under load every request that was taken is answered")
        func load() throws {
            let fixture = try Fixture()
            let clients = LoadClients()
            let path = fixture.path
            let threads = try (1...4).map { _ in try Threads.start("client") { clients.run(path) } }
            #expect(waitUntil { clients.answered.load(ordering: .relaxed) > 200 })
            #expect(fixture.server.drain(within: .seconds(5)))
            for thread in threads { thread.join() }
            let statistics = fixture.server.statistics
            #expect(statistics.answered == statistics.requests)
            #expect(clients.answered.load(ordering: .relaxed) == statistics.answered)
            #expect(statistics.open == 0)
        }
    }
}

/// Asks on kept connections until the server is gone.
private final class LoadClients: Sendable {
    let answered = Atomic<Int>(0)

    func run(_ path: String) {
        guard let peer = try? FastCGIPeer(path: path) else { return }
        while (try? peer.exchange(FastCGIRequest("/load"))) != nil { answered.add(1, ordering: .relaxed) }
    }
}
