/// A regular expression of a location, as far as PCRE expressions of nginx configurations usually go. Bytes, no UTF, as
/// nginx compiles them.
///
/// Of our own, because it must also invent texts that match (`samples`), and because a foreign file must neither crash
/// nor hang a command of root's: the work of a match is bounded.
struct NginxPattern {
    indirect enum Node {
        case byte(UInt8)
        /// Members of a class, negation worked in.
        case set(Set<UInt8>)
        case sequence([Node])
        case choice([Node])
        case many(Node, least: Int, most: Int)
        case start
        case end
        case wordEdge(isEdge: Bool)
        case ahead(Node, isNegative: Bool)
    }

    let text: String
    let ignoresCase: Bool
    let root: Node

    /// `nil`: something in it is not understood here (look-behind, back references, …).
    init?(_ text: String, ignoresCase: Bool) {
        var parser = NginxPatternParser(Array(text.utf8), ignoresCase: ignoresCase)
        guard let root = parser.whole() else { return nil }
        self.text = text
        self.ignoresCase = ignoresCase
        self.root = root
    }

    /// Whether it is found anywhere in the text; `nil` when that takes more than a bounded number of steps.
    func matches(_ text: String) -> Bool? {
        var search = NginxPatternSearch(Array(text.utf8))
        return search.isFound(root)
    }

    /// Texts that it is likely to match, few, without what stands before or behind. To be checked with `matches`.
    var samples: [String] {
        Self.samples(of: root).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let mostSamples = 40

    private static func samples(of node: Node) -> [[UInt8]] {
        switch node {
        case .byte(let byte): [[byte]]
        case .set(let set): [[sample(of: set)]]
        case .sequence(let nodes):
            nodes.reduce([[]]) { heads, node in
                let tails = samples(of: node)
                return Array(heads.flatMap { head in tails.map { head + $0 } }.prefix(mostSamples))
            }
        case .choice(let nodes): Array(nodes.flatMap(samples).prefix(mostSamples))
        case .many(let node, let least, let most):
            many(samples(of: node), least: least, most: most)
        case .start, .end, .wordEdge, .ahead: [[]]
        }
    }

    /// As few as may be, and one where none may be.
    private static func many(_ ones: [[UInt8]], least: Int, most: Int) -> [[UInt8]] {
        guard least > 0 else { return most == 0 ? [[]] : [[]] + ones.prefix(mostSamples - 1) }
        return ones.map { one in Array(repeatElement(one, count: min(least, 32)).joined()) }
    }

    /// A letter before a digit before anything else.
    private static func sample(of set: Set<UInt8>) -> UInt8 {
        let liked =
            Array("xa0_-".utf8) + (UInt8(ascii: "a")...UInt8(ascii: "z")) + (UInt8(ascii: "0")...UInt8(ascii: "9"))
        return liked.first(where: set.contains) ?? set.min() ?? UInt8(ascii: "x")
    }
}
