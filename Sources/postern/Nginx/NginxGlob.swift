/// Patterns of include directives: `*`, `?` and `[...]` within one part of a path (glob(7)).
enum NginxGlob {
    static func matches(_ pattern: String, _ path: String) -> Bool {
        let patterns = pattern.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard patterns.count == parts.count else { return false }
        return zip(patterns, parts).allSatisfy { part(Array($0), Array($1)) }
    }

    private static let dot = UInt8(ascii: ".")

    private static func part(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        // A leading period is matched by a period only.
        if name.first == dot, pattern.first != dot { return false }
        return matches(pattern[...], name[...])
    }

    /// Remembers the last `*` only: enough, since a later one can take whatever an earlier one could.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var (pattern, name) = (pattern, name)
        var star: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                star = (pattern, name)
            } else if let byte = name.first, let rest = one(pattern, byte) {
                pattern = rest
                name = name.dropFirst()
            } else if pattern.isEmpty && name.isEmpty {
                return true
            } else if let last = star, !last.name.isEmpty {
                star = (last.pattern, last.name.dropFirst())
                pattern = last.pattern
                name = last.name.dropFirst()
            } else {
                return false
            }
        }
    }

    /// What is left of the pattern when its first piece matches the byte.
    private static func one(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let first = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "?"):
            return rest
        case UInt8(ascii: "["):
            guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                return first == byte ? rest : nil
            }
            return isInSet(rest[..<end], byte) ? rest[rest.index(after: end)...] : nil
        case UInt8(ascii: "\\"):
            guard let escaped = rest.first else { return nil }
            return escaped == byte ? rest.dropFirst() : nil
        default:
            return first == byte ? rest : nil
        }
    }

    private static func isInSet(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
        let members = Array(isNegated ? set.dropFirst() : set)
        var index = 0
        var isFound = false
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == UInt8(ascii: "-") {
                if members[index] <= byte, byte <= members[index + 2] { isFound = true }
                index += 3
            } else {
                if members[index] == byte { isFound = true }
                index += 1
            }
        }
        return isFound != isNegated
    }
}
