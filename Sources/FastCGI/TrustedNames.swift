import HTTP
import Synchronization

/// Finds a trusted name, or one that the application registered, by its bytes.
struct TrustedNames: Sendable {
    struct Entry: Sendable {
        /// nil: a registered one.
        let name: TrustedName?
        let bytes: [UInt8]
        /// One bit for each name.
        let bit: UInt64
    }

    /// By length, so that most names cost one look.
    private let byLength: [[Entry]]

    static let unregistered = TrustedNames(registered: [])

    /// - Parameter registered: beside the trusted ones; at most `ParameterName.most`, the rest is not looked for.
    init(registered: some Collection<ParameterName>) {
        let names: [(TrustedName?, String)] =
            TrustedName.allCases.map { ($0, $0.rawValue) }
            + registered.prefix(ParameterName.most).map { (nil, $0.text) }
        let entries = names.enumerated().map { index, name in
            Entry(name: name.0, bytes: Array(name.1.utf8), bit: 1 << UInt64(index))
        }
        let longest = entries.map(\.bytes.count).max() ?? 0
        byLength = (0...longest).map { length in entries.filter { $0.bytes.count == length } }
    }

    /// The name at `range` of `bytes`, nil when another stands there.
    func entry(at range: Range<Int>, of bytes: Span<UInt8>) -> Entry? {
        guard range.count < byLength.count else { return nil }
        let bytes = bytes.extracting(range)
        search: for entry in byLength[range.count] {
            for offset in bytes.indices where bytes[offset] != entry.bytes[offset] {
                continue search
            }
            return entry
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
