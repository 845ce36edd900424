/// Looks for an expression in a text by trying (backtracking), with a bound on how often.
struct NginxPatternSearch {
    private let text: [UInt8]
    private var stepsLeft = 50_000

    init(_ text: [UInt8]) { self.text = text }

    mutating func isFound(_ root: NginxPattern.Node) -> Bool? {
        for start in 0...text.count where match(root, at: start, depth: 0, { _, _ in true }) { return true }
        return stepsLeft > 0 ? false : nil
    }

    private typealias Rest = (inout NginxPatternSearch, Int) -> Bool

    /// - Parameter rest: what must match behind it.
    private mutating func match(_ node: NginxPattern.Node, at index: Int, depth: Int, _ rest: Rest) -> Bool {
        stepsLeft -= 1
        guard stepsLeft > 0, depth < 2000 else {
            stepsLeft = 0
            return false
        }
        switch node {
        case .byte(let byte):
            return index < text.count && text[index] == byte && rest(&self, index + 1)
        case .set(let set):
            return index < text.count && set.contains(text[index]) && rest(&self, index + 1)
        case .sequence(let nodes):
            return sequence(nodes[...], at: index, depth: depth, rest)
        case .choice(let nodes):
            for node in nodes where match(node, at: index, depth: depth + 1, rest) { return true }
            return false
        case .many(let node, let least, let most):
            return many(node, least, most, at: index, depth: depth, rest)
        case .start:
            return index == 0 && rest(&self, index)
        case .end:
            let isLast = index == text.count || (index == text.count - 1 && text[index] == 0x0A)
            return isLast && rest(&self, index)
        case .wordEdge(let isEdge):
            let before = index > 0 && NginxClass.word.contains(text[index - 1])
            let after = index < text.count && NginxClass.word.contains(text[index])
            return (before != after) == isEdge && rest(&self, index)
        case .ahead(let node, let isNegative):
            return match(node, at: index, depth: depth + 1, { _, _ in true }) != isNegative && rest(&self, index)
        }
    }

    private mutating func sequence(
        _ nodes: ArraySlice<NginxPattern.Node>, at index: Int, depth: Int, _ rest: Rest
    ) -> Bool {
        guard let first = nodes.first else { return rest(&self, index) }
        return match(first, at: index, depth: depth + 1) { search, next in
            search.sequence(nodes.dropFirst(), at: next, depth: depth + 1, rest)
        }
    }

    private mutating func many(
        _ node: NginxPattern.Node, _ least: Int, _ most: Int, at index: Int, depth: Int, _ rest: Rest
    ) -> Bool {
        let again =
            most > 0
            && match(node, at: index, depth: depth + 1) { search, next in
                // An empty match again and again would never end.
                if next == index && least == 0 { return false }
                return search.many(
                    node, max(0, least - 1), most == .max ? .max : most - 1, at: next, depth: depth + 1, rest)
            }
        return again || (least == 0 && rest(&self, index))
    }
}
