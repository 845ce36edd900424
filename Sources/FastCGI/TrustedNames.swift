import HTTP
import Synchronization

/// Finds a trusted name, or one that the application registered, by its bytes.
struct TrustedNames: Sendable {
    struct Entry: Sendable {
        /// nil: a registered one.
        let name: TrustedName?
        /// One bit for each name.
        let bit: UInt64
    }

    /// Every parameter of every request is looked for here, twice: flat, and without a reference to count.
    private let entries: [Entry]
    /// All names one after another, in the order of `entries`, and where each begins.
    private let spellings: [UInt8]
    private let starts: [Int]
    /// For each value of `mix` the first entry, and for each entry the next one with the same value.
    private let heads: [UInt8]
    private let nexts: [UInt8]
    private static let none = UInt8.max

    static let unregistered = TrustedNames(registered: [])

    /// - Parameter registered: beside the trusted ones; at most `ParameterName.most`, the rest is not looked for.
    init(registered: some Collection<ParameterName>) {
        let names: [(name: TrustedName?, text: String)] =
            TrustedName.allCases.map { ($0, $0.rawValue) }
            + registered.prefix(ParameterName.most).map { (nil, $0.text) }
        entries = names.indices.map { Entry(name: names[$0].name, bit: 1 << UInt64($0)) }
        spellings = names.flatMap { Array($0.text.utf8) }
        let lengths = names.map(\.text.utf8.count)
        starts = (0...lengths.count).map { lengths[..<$0].reduce(0, +) }
        var heads = [UInt8](repeating: TrustedNames.none, count: 256)
        var nexts: [UInt8] = []
        for (index, name) in names.enumerated() {
            let bytes = Array(name.text.utf8)
            let mix = TrustedNames.mix(bytes.span)
            nexts.append(heads[mix])
            heads[mix] = UInt8(index)
        }
        self.heads = heads
        self.nexts = nexts
    }

    /// The name at `range` of `bytes`, nil when another stands there.
    func entry(at range: Range<Int>, of bytes: Span<UInt8>) -> Entry? {
        guard !range.isEmpty else { return nil }
        let bytes = bytes.extracting(range)
        var index = Int(heads[TrustedNames.mix(bytes)])
        while index < entries.count {
            if spellings.span.extracting(starts[index]..<starts[index + 1]).holdsSame(as: bytes) {
                return entries[index]
            }
            index = Int(nexts[index])
        }
        return nil
    }

    /// 0 to 255, of a name that is not empty.
    private static func mix(_ name: Span<UInt8>) -> Int {
        (name.count &* 37 &+ Int(name[0]) &* 11 &+ Int(name[name.count - 1])) & 255
    }
}

/// The names that the threads of a server look for; the application may register others while it runs.
final class RegisteredNames: Sendable {
    private let names = Mutex(TrustedNames.unregistered)
    private let changes = Atomic<Int>(0)

    func register(_ registered: some Collection<ParameterName>) {
        let fresh = TrustedNames(registered: registered)
        names.withLock { $0 = fresh }
        changes.add(1, ordering: .releasing)
    }

    /// A thread's own copy and how old it is.
    struct Copy {
        fileprivate(set) var names = TrustedNames.unregistered
        fileprivate var change = 0
    }

    /// Brings a copy up to date: one read of a word that hardly ever changes. True when it was out of date.
    func refresh(_ copy: inout Copy) -> Bool {
        let change = changes.load(ordering: .acquiring)
        guard change != copy.change else { return false }
        copy = Copy(names: names.withLock { $0 }, change: change)
        return true
    }
}
