/// Where a MariaDB server listens.
public enum Endpoint: Sendable, Equatable, CustomStringConvertible {
    /// A unix socket; the server reads the caller's identity from the kernel, so no password is needed.
    case socket(path: String)
    /// TCP, always with verified TLS: the certificate must come from `authority` (a PEM file) and name `name`.
    case host(name: String, port: UInt16, authority: String)

    public var description: String {
        switch self {
        case .socket(let path): path
        case .host(let name, let port, _): "\(name):\(port)"
        }
    }

    /// Connector/C reads `;`, `=` and `,` in a host name as a connection string or a list, which would let a name
    /// switch TLS off. Only what a DNS name or an address needs is let through.
    var isWellFormed: Bool {
        switch self {
        case .socket(let path):
            // sockaddr_un(7) holds 108 bytes with the closing NUL.
            return path.hasPrefix("/") && path.utf8.count < 108 && !path.utf8.contains(0)
        case .host(let name, let port, let authority):
            let isName = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
            return isName && !name.isEmpty && port > 0 && !authority.isEmpty && !authority.utf8.contains(0)
        }
    }
}

/// A database password; it never shows in a description, a dump or an error.
public struct DatabasePassword: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    /// `nil` for a NUL byte: the C side would cut the password there.
    public init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    public var description: String { "(not shown)" }

    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// How long each step may take, in whole seconds: Connector/C counts no finer.
public struct Timeouts: Sendable, Equatable {
    /// Also bounds the wait for the server's greeting.
    public var connect: UInt32
    /// One wait for bytes of an answer. A query is stopped by the server itself 200 ms earlier, so that a slow
    /// query is not taken for a dead server.
    public var read: UInt32
    public var write: UInt32

    public init(connect: UInt32 = 1, read: UInt32 = 1, write: UInt32 = 1) {
        self.connect = max(connect, 1)
        self.read = max(read, 1)
        self.write = max(write, 1)
    }

    /// For migrations: a change of a large table may take long, a server that is away should still show at once.
    public static let migration = Timeouts(connect: 5, read: 3600, write: 60)
}

/// Everything that a connection is made with. `~/.my.cnf` and the environment are not read.
public struct ConnectionSettings: Sendable {
    public var endpoint: Endpoint
    public var user: String
    public var password: DatabasePassword?
    /// `nil`: no database is chosen (the command makes one first).
    public var database: String?
    public var timeouts: Timeouts

    public init(
        endpoint: Endpoint, user: String, password: DatabasePassword? = nil, database: String?,
        timeouts: Timeouts = Timeouts()
    ) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
        self.timeouts = timeouts
    }
}
