import Database
import Foundation
import TestDatabase
import Testing

/// Against a server of its own on a loopback port, with certificates made for the run.
@Suite("A connection to a host", .serialized)
struct TLSTests {
    static let remote = Result { try RemoteServer() }
    let remote: RemoteServer

    init() throws { remote = try Self.remote.get() }

    func settings(host: String = "localhost", authority: String? = nil) -> ConnectionSettings {
        var settings = remote.server.settings(database: nil)
        settings.user = "guest"
        settings.password = DatabasePassword("correct horse")
        settings.endpoint = .host(name: host, port: remote.port, authority: authority ?? remote.authority)
        return settings
    }

    @Test("is encrypted and works when certificate and name are right")
    func rightCertificate() throws {
        let rows = try Connection(settings()).execute("SHOW STATUS LIKE 'Ssl_cipher'").rows
        #expect(try #require(rows.first).text(1).hasPrefix("TLS"))
    }

    @Test("is refused when another authority signed the certificate")
    func wrongAuthority() throws {
        let error = try #require(throws: DatabaseError.self) {
            _ = try Connection(settings(authority: remote.otherAuthority))
        }
        #expect(error.kind == .refused && error.code == 2026)
    }

    @Test("is refused when the certificate names another host")
    func wrongName() throws {
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(settings(host: "127.0.0.1")) }
        #expect(error.kind == .refused && error.code == 2026)
    }

    @Test("is refused when the file of the authority is missing")
    func missingAuthority() throws {
        #expect(throws: DatabaseError.self) { _ = try Connection(settings(authority: "/tmp/no-such-file.pem")) }
    }

    @Test("is refused when the server speaks no TLS")
    func plainServer() throws {
        let plain = try RemoteServer(withTLS: false)
        var settings = settings()
        settings.endpoint = .host(name: "localhost", port: plain.port, authority: remote.authority)
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(settings) }
        #expect(error.kind == .refused)
        try plain.server.stop()
    }
}

struct RemoteServer {
    let server: TestServer
    let port: UInt16
    let authority: String
    let otherAuthority: String

    init(withTLS: Bool = true) throws {
        let port = try Self.freePort()
        server = try TestServer { directory in
            try Self.makeCertificates(in: directory)
            let network = ["--bind-address=127.0.0.1", "--port=\(port)"]
            let encryption = ["--ssl-cert=\(directory)/server.crt", "--ssl-key=\(directory)/server.key"]
            return withTLS ? network + encryption : network
        }
        self.port = port
        authority = server.directory + "/ca.crt"
        otherAuthority = server.directory + "/other.crt"
        try Connection(server.settings(database: nil))
            .run(script: "CREATE USER guest@localhost IDENTIFIED BY 'correct horse'")
    }

    /// A port that the kernel has just handed out and that nobody listens on.
    private static func freePort() throws -> UInt16 {
        let program = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let port = try output("python3", "-c", program)
        return try #require(UInt16(port.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private static func makeCertificates(in directory: String) throws {
        for name in ["ca", "other"] {
            try run(
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                "-keyout", "\(directory)/\(name).key", "-out", "\(directory)/\(name).crt")
        }
        try run(
            "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
            "\(directory)/server.key", "-out", "\(directory)/server.csr")
        try run(
            "openssl", "x509", "-req", "-in", "\(directory)/server.csr", "-CA", "\(directory)/ca.crt", "-CAkey",
            "\(directory)/ca.key", "-CAcreateserial", "-days", "2", "-out", "\(directory)/server.crt")
    }

    private static func run(_ arguments: String...) throws { _ = try output(arguments) }

    private static func output(_ arguments: String...) throws -> String { try output(arguments) }

    private static func output(_ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments) failed")
        return text
    }
}
