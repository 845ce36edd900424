import Database
import Foundation
import Synchronization
import System

/// A private MariaDB for tests: its own data directory and unix socket under /tmp, no network.
///
/// A small shell stands guard over it. It reads commands from a pipe that only the test process holds, so the server
/// ends and its directory goes away however the test process ends.
public final class TestServer: Sendable {
    /// One server for all tests that leave it as they found it.
    public static let shared = try! TestServer()

    public let directory: String
    public let socket: String
    /// Runs as the same user as the tests: unix_socket lets it in as its own name.
    public let user = SystemUser.current().name
    private let guardian: Mutex<Guardian>
    private let databases = Atomic<Int>(0)

    /// - Parameter arguments: further options of the server, for its directory.
    public init(arguments: (_ directory: String) throws -> [String] = { _ in ["--skip-networking"] }) throws {
        directory = try Self.makeDirectory()
        // A unix socket's path holds 107 bytes; /tmp/postern-XXXXXX keeps clear of that.
        socket = directory + "/sock"
        let server = [
            "mariadbd", "--no-defaults", "--datadir=\(directory)/data", "--socket=\(socket)",
            "--pid-file=\(directory)/pid", "--tmpdir=\(directory)", "--innodb-log-file-size=4M",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0", "--performance-schema=0", "--max-connections=1000",
        ]
        let asRoot = user == "root" ? ["--user=root"] : []
        guardian = Mutex(try Guardian(directory: directory, user: user, server: server + asRoot + arguments(directory)))
        try start()
    }

    /// Starts the server and returns when it lets us in.
    public func start() throws {
        try guardian.withLock { try $0.command("start") }
        try waitUntil("the server lets us in") { (try? Connection(settings(database: nil))) != nil }
    }

    /// SIGTERM; returns when the process has ended.
    public func stop() throws { try guardian.withLock { try $0.command("stop") } }

    /// SIGSTOP: the kernel still takes connections, nobody answers.
    public func freeze() throws { try guardian.withLock { try $0.command("freeze") } }

    public func thaw() throws { try guardian.withLock { try $0.command("thaw") } }

    public func settings(
        database: String?, timeouts: Timeouts = Timeouts()
    ) -> ConnectionSettings {
        ConnectionSettings(endpoint: .socket(path: socket), user: user, database: database, timeouts: timeouts)
    }

    /// A new, empty database of its own for one test.
    public func makeDatabase() throws -> String {
        let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
        _ = try Connection(settings(database: nil)).execute("CREATE DATABASE \(name) CHARACTER SET utf8mb4")
        return name
    }

    private static func makeDirectory() throws -> String {
        let path = "/tmp/postern-" + String(UInt32.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return path
    }
}

/// Waits for a condition; fails the test after ten seconds.
public func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
    let limit = ContinuousClock.now + .seconds(10)
    while try !condition() {
        guard ContinuousClock.now < limit else { throw WaitedTooLong(what: what) }
        usleep(10_000)
    }
}

public struct WaitedTooLong: Error, CustomStringConvertible {
    let what: String
    public var description: String { "waited ten seconds until \(what)" }
}

/// The shell that owns the server process.
private struct Guardian {
    private let commands: FileHandle
    private let answers: FileHandle
    private let process = Process()

    init(directory: String, user: String, server: [String]) throws {
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "guardian", directory, user] + server
        process.standardInput = input
        process.standardOutput = output
        commands = input.fileHandleForWriting
        answers = output.fileHandleForReading
        try process.run()
        // Its copy of our pipe's end would keep the guardian from seeing ours close.
        try input.fileHandleForReading.close()
        try expect("installed")
    }

    func command(_ word: String) throws {
        try commands.write(contentsOf: Data((word + "\n").utf8))
        try expect(word)
    }

    private func expect(_ word: String) throws {
        let answer = String(decoding: answers.availableData, as: UTF8.self)
        guard answer == word + "\n" else { throw WaitedTooLong(what: "the test server said \(word), not \(answer)") }
    }

    private static let script = """
        directory=$1 user=$2; shift 2
        trap 'rm -rf "$directory"' EXIT
        # Servers that share a tmpdir lose each other's temporary tables.
        export TMPDIR="$directory"
        mariadb-install-db --no-defaults --datadir="$directory/data" --tmpdir="$directory" --skip-test-db \
            --innodb-log-file-size=4M \
            --auth-root-authentication-method=socket --auth-root-socket-user="$user" \
            ${user:+--user="$user"} >"$directory/install.log" 2>&1 || { cat "$directory/install.log" >&2; exit 1; }
        echo installed
        child=
        while read -r word; do
            case $word in
            start) "$@" >>"$directory/server.log" 2>&1 </dev/null & child=$! ;;
            stop) kill -CONT "$child"; kill -TERM "$child"; wait "$child"; child= ;;
            freeze)
                # The signal is on its way when kill returns; frozen is who has every thread stopped.
                kill -STOP "$child"
                until [ "$(sed 's/.*) \\(.\\).*/\\1/' /proc/"$child"/task/*/stat | sort -u)" = T ]; do sleep 0.01; done
                ;;
            thaw) kill -CONT "$child" ;;
            esac
            echo "$word"
        done
        [ -z "$child" ] || kill -KILL "$child"
        wait
        """
}
