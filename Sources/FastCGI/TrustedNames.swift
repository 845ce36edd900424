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

    /// By length; `first[n]..<first[n + 1]` are those of n bytes. Every parameter of every request is looked for here,
    /// twice: flat, and without a reference to count.
    private let entries: [Entry]
    private let first: [Int]
    /// All names one after another, in the order of `entries`, and where each begins.
    private let spellings: [UInt8]
    private let starts: [Int]

    static let unregistered = TrustedNames(registered: [])

    /// - Parameter registered: beside the trusted ones; at most `ParameterName.most`, the rest is not looked for.
    init(registered: some Collection<ParameterName>) {
        let names: [(name: TrustedName?, text: String)] =
            TrustedName.allCases.map { ($0, $0.rawValue) }
            + registered.prefix(ParameterName.most).map { (nil, $0.text) }
        let sorted = names.sorted { $0.text.utf8.count < $1.text.utf8.count }
        entries = sorted.indices.map { Entry(name: sorted[$0].name, bit: 1 << UInt64($0)) }
        spellings = sorted.flatMap { Array($0.text.utf8) }
        let lengths = sorted.map(\.text.utf8.count)
        starts = lengths.indices.map { lengths[..<$0].reduce(0, +) }
        first = (0...(lengths.last ?? 0) + 1).map { length in lengths.firstIndex { $0 >= length } ?? lengths.count }
    }

    /// The name at `range` of `bytes`, nil when another stands there.
    func entry(at range: Range<Int>, of bytes: Span<UInt8>) -> Entry? {
        guard !range.isEmpty, range.count + 1 < first.count else { return nil }
        let bytes = bytes.extracting(range)
        let spellings = spellings.span
        for index in first[range.count]..<first[range.count + 1] {
            let start = starts[index]
            guard bytes[0] == spellings[start] else { continue }
            let spelling = spellings.extracting(start..<start + range.count)
            var difference: UInt8 = 0
            for offset in bytes.indices { difference |= bytes[offset] ^ spelling[offset] }
            if difference == 0 { return entries[index] }
        }
        return nil
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
