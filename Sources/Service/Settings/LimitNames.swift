import HTTP

/// The names that a sysadmin may give to limits, and the FastCGI parameters that limits may count by.
enum LimitNames {
    private static let longest = 32

    /// - Throws: with the reason, when a limit cannot have this name.
    static func check(_ name: String, besides others: some Sequence<String>) throws(SettingFault) {
        let bytes = name.utf8
        let isPlain = bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
        guard isPlain, let first = bytes.first, isLetter(first), bytes.count <= longest else {
            throw SettingFault(
                "a limit's name is made of a to z, 0 to 9 and \"_\", begins with a letter and has at most "
                    + "\(longest) characters. Example: \"downloads\"")
        }
        // Short words have too many neighbours that mean something.
        let own = ["login", "search"].first { EditDistance.between($0, name) == 1 }
        if let own {
            throw SettingFault(
                "is one letter away from Postern's own limit \"\(own)\". Cure: \"\(own)\", or another name")
        }
        let twin = others.first { $0 != name && LimitNumbers.number(of: $0) == LimitNumbers.number(of: name) }
        if let twin {
            throw SettingFault("has the same number in the rate table as \"\(twin)\". Cure: rename one of them")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The parameter of `per = "parameter:NAME"`.
    static func parameter(_ name: Substring) throws(SettingFault) -> ParameterName {
        let text = String(name)
        do throws(ParameterName.Fault) {
            return try ParameterName(text)
        } catch {
            throw SettingFault("\(quoted("parameter:" + text)): \(reason(error))")
        }
    }

    private static func reason(_ fault: ParameterName.Fault) -> String {
        switch fault {
        case .form:
            "a parameter's name is made of A to Z, 0 to 9 and \"_\" and begins with a letter. "
                + "Example: \"parameter:CUSTOMER\""
        case .header:
            "HTTP_ parameters are request headers: every client sets them as it likes. "
                + "Cure: fastcgi_param CUSTOMER in nginx, per = \"parameter:CUSTOMER\""
        case .clients: "the client chooses its value, and so a fresh count each time. Cure: a parameter of your own"
        case .taken: "is one that Postern goes by already. Cure: a parameter of your own"
        }
    }
}
