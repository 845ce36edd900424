import Glibc
import RateWindows
import System
import Testing

/// Real processes: `RateStress` counts every admission and says whether any window held too many.
@Suite("Several processes on one table", .serialized)
struct ProcessTests {
    /// 2,400 kills in all.
    @Test(
        "Killed 400 times at random moments, no window of any key holds more than N",
        arguments: [
            ["--limit", "20", "--keys", "1"],
            ["--limit", "500", "--keys", "1"],
            ["--limit", "5", "--keys", "300", "--capacity", "256"],
            ["--limit", "40", "--keys", "100", "--capacity", "64", "--give-back"],
            ["--limit", "20", "--keys", "3", "--mixed", "--give-back"],
            ["--limit", "30", "--keys", "200", "--capacity", "256", "--mixed"],
        ])
    func killed(_ options: [String]) throws {
        let result = try stress(
            options + [
                "--processes", "3", "--threads", "2", "--seconds", "2", "--kills", "400", "--kill-every-ms", "4",
            ])
        #expect(result["result"] == "ok")
        #expect(number(result["kills"]) >= 400)
        #expect(number(result["most_in_window"]) <= number(result["limit"]))
        #expect(number(result["admitted"]) >= number(result["limit"]))
    }

    @Test("Left alone, none is over-admitted and no place is lost")
    func exact() throws {
        let result = try stress(["--processes", "4", "--seconds", "3", "--limit", "20"])
        #expect(result["result"] == "ok")
        #expect(number(result["most_in_window"]) == 20)
        // Three whole windows at least pass, four at most begin and one more is cut off.
        #expect((3 * 20...5 * 20).contains(number(result["admitted"])))
    }

    @Test(
        "Eight processes, every admission counted: none over and none lost",
        arguments: [
            // One key: N below and above the requests.
            (["--keys", "1", "--limit", "1000000", "--requests", "100000"], 800_000),
            (["--keys", "1", "--limit", "50000", "--requests", "20000"], 50_000),
            (["--keys", "1", "--limit", "27", "--requests", "20000"], 27),
            // 100,000 keys in places enough; each is asked for twice by each process.
            (["--keys", "100000", "--limit", "10", "--requests", "200000", "--capacity", "800000"], 10),
            (["--keys", "100000", "--limit", "40", "--requests", "200000", "--capacity", "800000"], 16),
        ] as [([String], Int)])
    func counted(_ options: [String], _ ofEachKey: Int) throws {
        let result = try stress(options + ["--processes", "8", "--window-ms", "3600000"])
        // Of each key: one over must not make up for one lost.
        #expect(number(result["least_of_a_key"]) == ofEachKey)
        #expect(number(result["most_of_a_key"]) == ofEachKey)
        for counter in ["overflow", "crowded", "stale", "contended"] { #expect(number(result[counter]) == 0) }
    }

    @Test("A worker that is killed after each guess, before the place is given back, gets no guess for free")
    func guesses() throws {
        let result = try stress(["--guess", "--kills", "60", "--limit", "10", "--window-ms", "3600000"])
        #expect(number(result["kills"]) == 10)
        #expect(number(result["admitted"]) == 10)
        #expect(number(result["most_in_window"]) == 10)
    }

    private func number(_ text: String?) -> Int { Int(text ?? "") ?? -1 }

    /// Runs it and reads its line of `name=value`.
    private func stress(_ options: [String]) throws -> [String: String] {
        let path = try #require(program())
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw SystemError.last("pipe") }
        let output = FileDescriptor(owning: ends[0])
        let pid = try spawn([path] + options, output: ends[1])
        close(ends[1])
        let text = String(decoding: try output.readAll(limit: 65_536), as: UTF8.self)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let pairs = text.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { $1 }
    }

    private func spawn(_ words: [String], output: Int32) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let code = unsafe posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
        guard code == 0 else { throw SystemError("posix_spawn", path: words[0], errno: code) }
        return pid
    }

    /// `swift build` puts it beside the test bundle.
    private func program() -> String? {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        guard let slash = bundle.lastIndex(of: "/") else { return nil }
        let path = bundle[..<slash] + "/RateStress"
        return unsafe access(String(path), X_OK) == 0 ? String(path) : nil
    }
}
