import FastCGI
import Glibc
import TestKit
import Testing

extension FastCGITests {
    @Suite("Descriptors")
    struct DescriptorTests {
        @Test("1,000 idle connections and descriptors above 1,100 are nothing to the others")
        func manyConnections() throws {
            let fixture = try Fixture { $0.fastThreads = 2 }
            var idle: [FastCGIPeer] = []
            for _ in 1...1000 { idle.append(try fixture.peer()) }
            #expect(waitUntil { fixture.server.statistics.open == 1000 })
            // A client and a server end each: descriptors above 2,000 are in use here.
            let busy = try fixture.peer()
            for _ in 1...100 { #expect(try busy.exchange(FastCGIRequest("/busy")).status == 200) }
            for peer in idle.reversed() { #expect(try peer.exchange(FastCGIRequest("/woken")).status == 200) }
            #expect(fixture.server.statistics.accepted == 1001)
            idle = []
            #expect(waitUntil { fixture.server.statistics.open == 1 })
            #expect(try fixture.isAlive())
        }

        @Test("without a free descriptor one client is still served, and all are when there are some again")
        func exhausted() throws {
            let fixture = try Fixture()
            let kept = try fixture.peer()
            #expect(try kept.exchange(FastCGIRequest("/kept")).status == 200)

            let waiting = try (1...3).map { _ in try FastCGIPeer() }
            var limit = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var lowered = limit
            lowered.rlim_cur = 256
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lowered)
            defer { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
            var fillers: [Int32] = []
            while case let filler = dup(0), filler >= 0 { fillers.append(filler) }
            defer { for filler in fillers { close(filler) } }

            for peer in waiting { try peer.connect(to: fixture.path) }
            #expect(try waiting[0].exchange(FastCGIRequest("/spare")).status == 200)
            #expect(waitUntil { fixture.server.statistics.descriptorShortages > 0 })
            try waiting[1].send(FastCGIRequest("/waiting").bytes)
            try waiting[2].send(FastCGIRequest("/waiting").bytes)
            #expect(throws: FastCGIPeer.Fault.timedOut) { try waiting[2].receive(milliseconds: 100) }
            #expect(try kept.exchange(FastCGIRequest("/kept")).status == 200)

            for filler in fillers { close(filler) }
            fillers = []
            #expect(try waiting[1].receive().status == 200)
            #expect(try waiting[2].receive().status == 200)
            #expect(try fixture.isAlive())
        }

        @Test("above the bound on connections the longest idle ones give way")
        func connectionBound() throws {
            let fixture = try Fixture { $0.maxConnections = 20 }
            var idle: [FastCGIPeer] = []
            for _ in 1...20 {
                let peer = try fixture.peer()
                #expect(try peer.exchange(FastCGIRequest("/idle")).status == 200)
                idle.append(peer)
            }
            // Served as soon as an idle connection is a second old.
            #expect(try fixture.peer().exchange(FastCGIRequest("/new")).status == 200)
            #expect(idle[0].isClosed)
            #expect(fixture.server.statistics.connectionShortages > 0)
            #expect(fixture.server.statistics.open <= 20)
        }

        @Test("connections that come and go leave nothing behind")
        func noLeak() throws {
            let fixture = try Fixture()
            let before = openDescriptors()
            for _ in 1...500 { #expect(try fixture.peer().exchange(FastCGIRequest("/x")).status == 200) }
            for _ in 1...500 { #expect(try fixture.isClosedUnanswered([9])) }
            #expect(waitUntil { fixture.server.statistics.open == 0 })
            #expect(waitUntil { openDescriptors() <= before + 2 })
        }

        private func openDescriptors() -> Int { (0..<4096).count { fcntl($0, F_GETFD) >= 0 } }
    }
}
