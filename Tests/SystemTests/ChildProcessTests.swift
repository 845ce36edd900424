import Glibc
import Testing

@testable import System

@Suite("Other programs")
struct ChildProcessTests {
    private func shell(
        _ script: String, input: String = "", milliseconds: Int = 20_000, limit: Int = 1 << 20
    ) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            "/bin/sh", ["-c", script], input: Array(input.utf8), milliseconds: milliseconds, limit: limit)
    }

    @Test("Output, errors and exit status are told apart")
    func outcome() throws {
        let outcome = try shell("cat; echo wrong >&2; exit 3", input: "in\n")
        #expect(outcome.status == 3)
        #expect(outcome.output == Array("in\n".utf8))
        #expect(outcome.errors == Array("wrong\n".utf8))
        #expect(!outcome.isTimedOut && !outcome.isTooLong)
    }

    @Test("Much input that nobody reads, and much output on both, hold nothing up")
    func much() throws {
        let input = String(repeating: "x", count: 1 << 20)
        let outcome = try shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2", input: input)
        #expect(outcome.status == 0)
        #expect(outcome.output.count == 300_000 && outcome.errors.count == 300_000)
    }

    @Test("A program that does not end is ended with what it started, in time")
    func timeOut() throws {
        let start = Moment.bootNow
        let outcome = try shell("sleep 300 & echo $!; sleep 300", milliseconds: 300)
        #expect(outcome.isTimedOut && outcome.status == nil)
        #expect(Moment.bootNow - start < 3 * 300_000_000 + 2_000_000_000)
        let text = String(decoding: outcome.output, as: UTF8.self)
        let grandchild = try #require(Int(text.split(separator: "\n")[0]))
        // Whoever takes orphans in asks for its end.
        let deadline = Moment.bootNow + 10_000_000_000
        while RunningProcess.of(grandchild) != nil, Moment.bootNow < deadline { Threads.pause(microseconds: 1000) }
        #expect(RunningProcess.of(grandchild) == nil)
    }

    @Test("One that closes its outputs and sleeps on is ended as well")
    func silent() throws {
        let outcome = try shell("exec >&- 2>&-; exec sleep 300", milliseconds: 300)
        #expect(outcome.isTimedOut && outcome.status == nil)
    }

    @Test("Output without an end is cut off")
    func endless() throws {
        let outcome = try shell("yes", limit: 100_000)
        #expect(outcome.isTooLong && outcome.status == nil)
        #expect(outcome.output.count <= 100_000 + 65_536)
    }

    @Test("A signal is no exit status")
    func killed() throws {
        let outcome = try shell("kill -TERM $$")
        #expect(outcome.status == nil && !outcome.isTimedOut)
    }

    @Test("It inherits no descriptor but three, and no environment")
    func inherited() throws {
        // Without close-on-exec, as a parent may leave one.
        let open = try FileDescriptor.open("/dev/null", 0)
        let copy = FileDescriptor(owning: dup(open.rawValue))
        #expect(copy.rawValue > 2)
        let outcome = try shell("ls /proc/self/fd; env")
        let lines = Set(String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map { String($0) })
        // 3 is the folder that ls itself reads.
        #expect(lines.isSuperset(of: ["0", "1", "2"]) && !lines.contains("\(max(copy.rawValue, 4))"))
        #expect(lines.contains("LC_ALL=C") && !lines.contains { $0.hasPrefix("HOME=") })
    }

    @Test("A program that is not there is an error with its name")
    func missing() {
        let error = #expect(throws: SystemError.self) {
            try ChildProcess.run("/no/such/program", [], milliseconds: 1000, limit: 1)
        }
        #expect(error?.isNotFound == true && error?.path == "/no/such/program")
    }
}
