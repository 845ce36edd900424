/// One request of `postern check --site`.
struct Probe {
    /// What an answer to it means.
    enum Kind {
        /// The very path that is protected, with something forged beside it.
        case same
        /// Another spelling of it, or a path below it: nginx leads it to the same location.
        case inside
        /// A neighbour that a program behind nginx may take for it; nginx leads it elsewhere.
        case outside
        /// For another host name: another server may answer.
        case otherHost
    }

    let kind: Kind
    let method: String
    /// As it is sent, with its query.
    let path: String
    /// What is forged, for people: "Remote_User: root".
    let label: String
    /// Lines of curl's configuration.
    let options: [String]

    init(_ kind: Kind, _ path: String, method: String = "GET", label: String = "", options: [String] = []) {
        self.kind = kind
        self.method = method
        self.path = path
        self.label = label
        self.options = options
    }

    /// "GET /ops/ with Remote_User: root"
    var text: String { "\(method) \(path)" + (label.isEmpty ? "" : " with \(label)") }

    /// A value for curl's configuration file (curl(1), --config).
    static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"" + escaped.replacing("\n", with: "").replacing("\r", with: "") + "\""
    }

    static func header(_ text: String) -> String { "header = " + quoted(text) }
}

/// What came back.
struct ProbeAnswer: Equatable {
    /// 0: none.
    let status: Int
    let size: Int
    /// Proxy-Status names Postern: what the gate words, and no application, carries it.
    let isGates: Bool
    /// curl's exit status (curl(1), "EXIT CODES").
    let fault: Int

    /// curl ended before it said anything of this one.
    static let notSaid = -1

    init(status: Int = 0, size: Int = 0, isGates: Bool = false, fault: Int = 0) {
        (self.status, self.size, self.isGates, self.fault) = (status, size, isGates, fault)
    }

    var isRefusalOfOurs: Bool { isGates && [401, 403, 429, 503].contains(status) }

    /// No answer, and not because the server closed the connection on this request (nginx's 444), which is a no.
    var isUntried: Bool { status == 0 && ![0, 52, 56].contains(fault) }

    /// Why there was no answer.
    var reason: String {
        switch fault {
        case 1, 2, 4: "this curl cannot"
        case 7: "no connection"
        case 28: "timed out"
        case 35, 60: "TLS failed"
        case ProbeAnswer.notSaid: "curl ended"
        default: "curl: \(fault)"
        }
    }
}
