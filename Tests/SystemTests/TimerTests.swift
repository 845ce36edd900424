import System
import Testing

@Suite struct TimerTests {
    @Test("A timer calls again and again, and never after stop")
    func calls() throws {
        let count = Counter()
        let timer = Timer(interval: 1_000_000)
        try timer.start("timer") { count.add() }
        let limit = Moment.now().adding(milliseconds: 5000).boot
        while count.value < 3, Moment.now().boot < limit {}
        timer.stop()
        let calls = count.value
        #expect(calls >= 3)
        try Threads.start("later") {}.join()
        #expect(count.value == calls)
    }
}

@Suite struct MomentTests {
    @Test("Clock readings do not go back, and the wall clock is of this century")
    func clocks() {
        let first = Moment.now()
        let second = Moment.now()
        #expect(second.boot >= first.boot)
        #expect(first.wall > 1_700_000_000)
        #expect(first.adding(milliseconds: 5).boot == first.boot + 5_000_000)
    }
}

@Suite struct SystemUserTests {
    @Test("root is found by name and number; an unknown user is none")
    func users() {
        #expect(SystemUser.named("root")?.uid == 0)
        #expect(SystemUser.name(of: 0) == "root")
        #expect(SystemUser.named("no-such-user-here") == nil)
        #expect(SystemGroup.number(of: "root") == 0)
        #expect(SystemGroup.number(of: "no-such-group-here") == nil)
    }
}
