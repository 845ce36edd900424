/// How the values of a key are read and shown.
struct SettingKind<Value: Sendable>: Sendable {
    let read: @Sendable (SettingValue) throws(SettingFault) -> Value
    /// The value as TOML.
    let show: @Sendable (Value) -> String
    /// The value as JSON; texts, numbers and lists of texts are the same in both.
    let json: @Sendable (Value) -> String

    init(
        read: @escaping @Sendable (SettingValue) throws(SettingFault) -> Value,
        show: @escaping @Sendable (Value) -> String, json: (@Sendable (Value) -> String)? = nil
    ) {
        self.read = read
        self.show = show
        self.json = json ?? show
    }
}

extension SettingKind where Value == String {
    static var text: SettingKind {
        SettingKind(read: readText, show: quoted)
    }

    /// "" is allowed and means none.
    static var path: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let path = try readText(value)
                guard path.isEmpty || path.hasPrefix("/") else {
                    throw SettingFault("\(quoted(path)) is not an absolute path. Example: \"/etc/postern/keys.jwks\"")
                }
                return path
            }, show: quoted)
    }

    static var issuer: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let text = try readText(value)
                let isURL = text.hasPrefix("https://") && text.utf8.count > 8
                guard isURL, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) else {
                    throw SettingFault(
                        "\(quoted(text)) is not an https address. Example: \"https://login.example.com\"")
                }
                return text
            }, show: quoted)
    }

    static func choice(_ words: [String]) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let word = try readText(value)
                guard words.contains(word) else {
                    throw SettingFault("unknown word \(quoted(word)) (\(words.joined(separator: ", ")))")
                }
                return word
            }, show: quoted)
    }
}

extension SettingKind where Value == [String] {
    /// Origins as browsers send them (RFC 6454 section 6.2): scheme, host and port, nothing behind.
    static var origins: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let texts = try readTexts(value)
                for text in texts where !isOrigin(text) {
                    throw SettingFault("\(quoted(text)) is not an origin. Example: [\"https://www.example.com\"]")
                }
                return texts
            }, show: list)
    }
}

extension SettingKind where Value == [Network] {
    static var networks: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                var networks: [Network] = []
                for text in try readTexts(value) {
                    guard let network = Network(text) else {
                        throw SettingFault("\(quoted(text)) is not a network. Example: [\"10.0.0.0/8\", \"::1\"]")
                    }
                    networks.append(network)
                }
                return networks
            }, show: { list($0.map(\.description)) })
    }
}

extension SettingKind where Value == Bool {
    static var flag: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                guard case .flag(let flag) = value else { throw SettingFault("needs true or false, not \(value.kind)") }
                return flag
            }, show: { $0 ? "true" : "false" })
    }
}

extension SettingKind where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                guard case .integer(let number) = value else { throw SettingFault("needs a number, not \(value.kind)") }
                guard range.contains(number) else {
                    throw SettingFault("\(number) is out of range (\(range.lowerBound) to \(range.upperBound))")
                }
                return number
            }, show: { String($0) })
    }

    /// A time as "30s", "15m", "12h" or "30d"; the value is in seconds.
    static func duration(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let text = try readText(value)
                guard let seconds = DurationText.seconds(text) else {
                    throw SettingFault("\(quoted(text)) is not a time. Example: \"30s\", \"15m\", \"12h\", \"30d\"")
                }
                guard range.contains(seconds) else {
                    let least = DurationText.text(range.lowerBound)
                    throw SettingFault(
                        "\(quoted(text)) is out of range (\(least) to \(DurationText.text(range.upperBound)))")
                }
                return seconds
            }, show: { quoted(DurationText.text($0)) })
    }

    /// A file mode as in chmod(1): "0660".
    static var fileMode: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let text = try readText(value)
                guard let mode = Int(text, radix: 8), (0...0o777).contains(mode) else {
                    throw SettingFault("\(quoted(text)) is not a file mode. Example: \"0660\"")
                }
                return mode
            }, show: { quoted("0" + String($0, radix: 8)) })
    }
}

extension SettingKind where Value == [Int] {
    /// Times that do not fall: ["2s", "4s"]; in seconds.
    static func pauses(atMost count: Int, longest: Int) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                guard case .list(let elements) = value else { throw SettingFault("needs a list, not \(value.kind)") }
                guard elements.count <= count else { throw SettingFault("has more than \(count) times") }
                var pauses: [Int] = []
                for element in elements {
                    let pause = try SettingKind<Int>.duration(1...longest).read(element)
                    guard pause >= pauses.last ?? 0 else {
                        throw SettingFault(
                            "\(quoted(DurationText.text(pause))) is shorter than the one before. "
                                + "Example: [\"2s\", \"4s\", \"8s\", \"15s\"]")
                    }
                    pauses.append(pause)
                }
                return pauses
            }, show: { list($0.map(DurationText.text)) })
    }
}

extension SettingKind where Value == WhenAway {
    static var whenAway: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                let word = try SettingKind<String>.choice(WhenAway.allCases.map(\.rawValue)).read(value)
                return WhenAway(rawValue: word) ?? .closed
            }, show: { quoted($0.rawValue) })
    }
}

extension SettingKind where Value == Date? {
    static var day: SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                if case .date(let date) = value { return date }
                guard case .text(let text) = value, let date = Date(text) else {
                    throw SettingFault("needs a date. Example: 2026-12-31")
                }
                return date
            }, show: { $0.map { "\($0)" } ?? "\"\"" }, json: { $0.map { quoted("\($0)") } ?? "null" })
    }
}

private func isOrigin(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
    let host = text.utf8.dropFirst(scheme.utf8.count)
    return !host.isEmpty
        && host.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
}

func readText(_ value: SettingValue) throws(SettingFault) -> String {
    guard case .text(let text) = value else { throw SettingFault("needs a text in quotes, not \(value.kind)") }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw SettingFault("holds a control character") }
    return text
}

func readTexts(_ value: SettingValue) throws(SettingFault) -> [String] {
    guard case .list(let elements) = value else { throw SettingFault("needs a list, not \(value.kind)") }
    var texts: [String] = []
    for element in elements { texts.append(try readText(element)) }
    return texts
}

func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }
