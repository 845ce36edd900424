import Glibc
import Synchronization
import Testing

@testable import System

@Suite("Helper processes")
struct HelperProcessTests {
    /// Sends back what it gets, as long as it gets something.
    private func echo() throws -> HelperProcess {
        try HelperProcess(program: "/bin/sh", arguments: ["-c", "exec cat >&0"])
    }

    /// Takes one message, then runs the script.
    private func shell(_ script: String) throws -> HelperProcess {
        let take = "dd bs=1000 count=1 of=/dev/null 2>/dev/null; "
        return try HelperProcess(program: "/bin/sh", arguments: ["-c", take + script])
    }

    private func ask(_ helper: HelperProcess, _ text: String, limit: Int = 1000) -> String? {
        helper.ask(Array(text.utf8).span, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("Each message has its answer")
    func answers() throws {
        let helper = try echo()
        for text in ["first", "second", String(repeating: "x", count: 1000)] { #expect(ask(helper, text) == text) }
    }

    @Test("One that has ended gives no answer, and ends nobody by a signal")
    func ended() throws {
        let helper = try shell("exit 1")
        #expect(ask(helper, "last words") == nil)
        #expect(ask(helper, "anybody?") == nil)
    }

    @Test("It ends with the object, also while it works, and leaves no zombie")
    func ends() throws {
        let number = try #require(try ask(shell("echo $$ >&0; exec sleep 300"), "go").flatMap { Int($0.dropLast()) })
        #expect(RunningProcess.of(number) == nil && kill(pid_t(number), 0) != 0)
    }

    @Test("It is in a session of its own, with no descriptor but three and no environment")
    func inherited() throws {
        let open = try FileDescriptor.open("/dev/null", 0)
        let copy = FileDescriptor(owning: dup(open.rawValue))
        let script = "words=$(cut -d ' ' -f 1,6 /proc/$$/stat; ls /proc/$$/fd; env); echo $words >&0"
        let words = try #require(try ask(shell(script), "go"))
            .split { $0 == " " || $0 == "\n" }.map { String($0) }
        #expect(words[0] == words[1])
        #expect(words[2...4] == ["0", "1", "2"] && !words[5...].contains("\(copy.rawValue)"))
        #expect(words.contains("LC_ALL=C") && !words.contains { $0.hasPrefix("HOME=") })
    }

    @Test("A program that is not there is an error with its name")
    func missing() {
        let error = #expect(throws: SystemError.self) { try HelperProcess(program: "/no/such/program", arguments: []) }
        #expect(error?.isNotFound == true && error?.path == "/no/such/program")
    }
}
