import FastCGI
import Glibc
import System
import TestKit
import Testing

extension FastCGITests {
    @Suite("Listening socket")
    struct ListeningSocketTests {
        @Test("it stands at its path with the mode that was asked for", arguments: [0o600, 0o660, 0o666])
        func mode(_ mode: Int) throws {
            let folder = try TemporaryFolder()
            let path = folder.file("s")
            let listener = try ListeningSocket.bind(path: path, mode: mode)
            #expect(try FileStatus.of(path).mode == mode)
            #expect(try Files.list(folder.path) == ["s"])
            _ = try FastCGIPeer(path: path)
            _ = consume listener
        }

        @Test("a socket that nobody listens on is replaced, one in use and a file are not")
        func place() throws {
            let folder = try TemporaryFolder()
            let path = folder.file("s")
            do { _ = try ListeningSocket.bind(path: path, mode: 0o600) }
            let second = try ListeningSocket.bind(path: path, mode: 0o600)
            #expect(throws: FastCGIError.self) { _ = try ListeningSocket.bind(path: path, mode: 0o600) }
            _ = try FastCGIPeer(path: path)
            _ = consume second
            let file = folder.file("f")
            try Files.replace(file, with: [1], mode: 0o600)
            #expect(throws: FastCGIError.self) { _ = try ListeningSocket.bind(path: file, mode: 0o600) }
            #expect(try Files.read(file, limit: 10) == [1])
        }

        @Test("a path that does not fit, or a group that is not there, is an error that says so")
        func errors() throws {
            let folder = try TemporaryFolder()
            let long = folder.file(String(repeating: "x", count: 110))
            let tooLong = #expect(throws: FastCGIError.self) { _ = try ListeningSocket.bind(path: long, mode: 0o600) }
            #expect(tooLong?.code == .socketPath)
            let noGroup = #expect(throws: FastCGIError.self) {
                _ = try ListeningSocket.bind(path: folder.file("s"), mode: 0o600, group: "no-such-group")
            }
            #expect(noGroup?.description.contains("no-such-group") == true)
            #expect(try Files.list(folder.path).isEmpty)
        }

        @Test("nothing is inherited without LISTEN_FDS, or when it is meant for another process")
        func notInherited() throws {
            unsafe unsetenv("LISTEN_FDS")
            #expect(try ListeningSocket.inherited() == nil)
            unsafe setenv("LISTEN_FDS", "1", 1)
            unsafe setenv("LISTEN_PID", "1", 1)
            #expect(try ListeningSocket.inherited() == nil)
            unsafe unsetenv("LISTEN_FDS")
            unsafe unsetenv("LISTEN_PID")
        }

        @Test("more than one inherited socket is refused")
        func severalInherited() throws {
            unsafe setenv("LISTEN_FDS", "2", 1)
            unsafe setenv("LISTEN_PID", "\(getpid())", 1)
            let error = #expect(throws: FastCGIError.self) { _ = try ListeningSocket.inherited() }
            #expect(error?.code == .inheritedSocket)
            #expect(Environment.value("LISTEN_FDS") == nil)
        }
    }
}
