import FastCGI
import Glibc
import Synchronization
import System
import TestKit
import Testing

extension FastCGITests {
    @Suite("Signals")
    struct SignalTests {
        private func handler(of number: Int32) -> Int {
            var action = sigaction()
            unsafe sigaction(number, nil, &action)
            return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        }

        @Test("libfcgi's handlers do not stay, and a broken pipe is ignored")
        func handlers() throws {
            let before = (handler(of: SIGUSR1), handler(of: SIGTERM))
            _ = try Fixture()
            #expect(before == (handler(of: SIGUSR1), handler(of: SIGTERM)))
            // SIG_IGN is 1 (bits/signum-generic.h).
            #expect(handler(of: SIGPIPE) == 1)
        }

        @Test("a storm of SIGUSR1 loses no request and cuts no parameters")
        func storm() throws {
            let old = signal(SIGUSR1) { _ in }
            defer { signal(SIGUSR1, old) }
            let fixture = try Fixture()
            let sent = SignalCount()
            let thread = try Threads.start("storm") { sent.storm() }
            for number in 1...2000 {
                let peer = try fixture.peer()
                let request = FastCGIRequest("POST", "/storm", body: noise(number % 3000))
                #expect(try peer.exchange(request).text.hasPrefix("POST /storm  body=\(number % 3000)"))
            }
            sent.isOver.store(true, ordering: .relaxed)
            thread.join()
            #expect(sent.count.load(ordering: .relaxed) > 100)
            #expect(fixture.server.statistics.gateDefects == 0)
            #expect(fixture.journal.all.allSatisfy { $0.remoteAddress == "127.0.0.1" })
            #expect(try fixture.isAlive())
        }
    }
}

/// Sends SIGUSR1 to the process as fast as it can be delivered, until told to end.
private final class SignalCount: Sendable {
    let isOver = Atomic<Bool>(false)
    let count = Atomic<Int>(0)

    func storm() {
        while !isOver.load(ordering: .relaxed) {
            kill(getpid(), SIGUSR1)
            count.add(1, ordering: .relaxed)
            usleep(200)
        }
    }
}
