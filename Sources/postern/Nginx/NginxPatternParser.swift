/// From the text of an expression to its parts; see pcrepattern(3).
struct NginxPatternParser {
    typealias Node = NginxPattern.Node

    private let bytes: [UInt8]
    private var position = 0
    private var ignoresCase: Bool
    private var depth = 0

    init(_ bytes: [UInt8], ignoresCase: Bool) {
        self.bytes = bytes
        self.ignoresCase = ignoresCase
    }

    mutating func whole() -> Node? {
        guard let node = choice(), position == bytes.count else { return nil }
        return node
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func choice() -> Node? {
        depth += 1
        defer { depth -= 1 }
        guard depth < 50 else { return nil }
        let outerCase = ignoresCase
        defer { ignoresCase = outerCase }
        var branches: [Node] = []
        repeat {
            guard let branch = sequence() else { return nil }
            branches.append(branch)
        } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() -> Node? {
        var nodes: [Node] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            if take("(?i)") {
                ignoresCase = true
                continue
            }
            guard let atom = atom(), let node = quantified(atom) else { return nil }
            nodes.append(node)
        }
        return .sequence(nodes)
    }

    private mutating func atom() -> Node? {
        if take("(") { return group() }
        if take("[") { return characterClass().map(Node.set) }
        if take("\\") { return escape() }
        if take("^") { return .start }
        if take("$") { return .end }
        if take(".") { return .set(NginxClass.all.subtracting([0x0A])) }
        guard let byte = next, !"*+?".utf8.contains(byte) else { return nil }
        position += 1
        return literal(byte)
    }

    private func literal(_ byte: UInt8) -> Node { ignoresCase ? .set(NginxClass.bothCases([byte])) : .byte(byte) }

    private mutating func group() -> Node? {
        var ahead: Bool?
        if take("?=") {
            ahead = false
        } else if take("?!") {
            ahead = true
        } else if take("?P<") || (!isLookBehind && take("?<")) {
            while let byte = next, byte != UInt8(ascii: ">") { position += 1 }
            guard take(">") else { return nil }
        } else if next == UInt8(ascii: "?"), !take("?:") {
            return nil
        } else if next == UInt8(ascii: "*") {
            return nil
        }
        guard let node = choice(), take(")") else { return nil }
        return ahead.map { .ahead(node, isNegative: $0) } ?? node
    }

    private var isLookBehind: Bool {
        ["?<=", "?<!"].contains { bytes[position...].starts(with: $0.utf8) }
    }

    private mutating func escape() -> Node? {
        guard let byte = next else { return nil }
        position += 1
        if let set = NginxClass.shorthand(byte) { return .set(set) }
        switch byte {
        case UInt8(ascii: "b"): return .wordEdge(isEdge: true)
        case UInt8(ascii: "B"): return .wordEdge(isEdge: false)
        case UInt8(ascii: "A"): return .start
        case UInt8(ascii: "z"), UInt8(ascii: "Z"): return .end
        default: return NginxClass.escaped(byte).map(literal)
        }
    }

    // MARK: How often

    private mutating func quantified(_ atom: Node) -> Node? {
        var (least, most) = (1, 1)
        if take("*") {
            (least, most) = (0, .max)
        } else if take("+") {
            most = .max
        } else if take("?") {
            least = 0
        } else if let counts = counts() {
            (least, most) = counts
        } else {
            return atom
        }
        // Lazy matches the same texts; possessive ones fewer, rarely.
        _ = take("?") || take("+")
        return least <= most && least <= 1000 ? .many(atom, least: least, most: most) : nil
    }

    /// "{2}", "{2,}", "{2,4}"; anything else behind "{" is itself.
    private mutating func counts() -> (Int, Int)? {
        guard next == UInt8(ascii: "{"), let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
            return nil
        }
        let parts = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
            .split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= 2, let least = Int(parts[0]), least >= 0 else { return nil }
        let most = parts.count == 1 ? least : parts[1].isEmpty ? Int.max : Int(parts[1])
        guard let most else { return nil }
        position = end + 1
        return (least, most)
    }

    // MARK: Classes

    private mutating func characterClass() -> Set<UInt8>? {
        let isNegated = take("^")
        var set: Set<UInt8> = []
        var isFirst = true
        while let byte = next {
            if byte == UInt8(ascii: "]"), !isFirst {
                position += 1
                let members = ignoresCase ? NginxClass.bothCases(set) : set
                return isNegated ? NginxClass.all.subtracting(members) : members
            }
            isFirst = false
            guard let member = classMember() else { return nil }
            guard member.count == 1, let low = member.first, next == UInt8(ascii: "-"), position + 1 < bytes.count,
                bytes[position + 1] != UInt8(ascii: "]")
            else {
                set.formUnion(member)
                continue
            }
            position += 1
            guard let high = classMember(), high.count == 1, let last = high.first, low <= last else { return nil }
            set.formUnion(low...last)
        }
        return nil
    }

    private mutating func classMember() -> Set<UInt8>? {
        if take("[:") {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let name = String(decoding: bytes[position..<end], as: UTF8.self)
            position = end
            return take(":]") ? NginxClass.named(name) : nil
        }
        guard let byte = next else { return nil }
        position += 1
        guard byte == UInt8(ascii: "\\") else { return [byte] }
        guard let escaped = next else { return nil }
        position += 1
        if let set = NginxClass.shorthand(escaped) { return set }
        return NginxClass.escaped(escaped).map { [$0] }
    }
}

/// Sets of bytes that have a name.
enum NginxClass {
    static let all = Set(UInt8.min...UInt8.max)
    private static let digits = Set(UInt8(ascii: "0")...UInt8(ascii: "9"))
    private static let lower = Set(UInt8(ascii: "a")...UInt8(ascii: "z"))
    private static let upper = Set(UInt8(ascii: "A")...UInt8(ascii: "Z"))
    private static let spaces: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]
    static let word = digits.union(lower).union(upper).union([UInt8(ascii: "_")])

    static func shorthand(_ letter: UInt8) -> Set<UInt8>? {
        switch letter {
        case UInt8(ascii: "d"): digits
        case UInt8(ascii: "D"): all.subtracting(digits)
        case UInt8(ascii: "w"): word
        case UInt8(ascii: "W"): all.subtracting(word)
        case UInt8(ascii: "s"): spaces
        case UInt8(ascii: "S"): all.subtracting(spaces)
        default: nil
        }
    }

    static func named(_ name: String) -> Set<UInt8>? {
        switch name {
        case "alpha": lower.union(upper)
        case "digit": digits
        case "alnum": lower.union(upper).union(digits)
        case "lower": lower
        case "upper": upper
        case "space": spaces
        case "word": word
        case "xdigit": digits.union(UInt8(ascii: "a")...UInt8(ascii: "f")).union(UInt8(ascii: "A")...UInt8(ascii: "F"))
        default: nil
        }
    }

    /// What a backslash makes of a byte; letters and digits that mean something else are not understood.
    static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: word.contains(byte) && byte != UInt8(ascii: "_") ? nil : byte
        }
    }

    static func bothCases(_ set: Set<UInt8>) -> Set<UInt8> {
        set.union(set.compactMap { lower.contains($0) ? $0 - 32 : upper.contains($0) ? $0 + 32 : nil })
    }
}
