/// One word of a requirement: `group=ops,web`, `!scope=write`, `fresh=15m`, `limit=downloads`, `preflight`.
enum RequirementWord: Sendable, CustomStringConvertible {
    case condition(UserCondition)
    /// s
    case fresh(Int)
    case limit(Limit)
    case preflight

    /// What may stand before "=", and `preflight`, which stands alone.
    enum Key: String, CaseIterable {
        case scope, group, user, email, fresh, limit, preflight

        static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
    }

    /// A second to thirty days; what is older than the longest session is never asked for.
    private static let ages = 1...30 * 86_400

    init(_ text: String, _ rules: RateRules) throws(RequirementFault) {
        func fault(_ reason: String) -> RequirementFault { RequirementFault(word: text, reason: reason) }
        guard !text.isEmpty else { throw fault("an empty word: a slash too many") }
        // A name that nobody can have: turned round with "!" it would open to everybody.
        guard !RequirementWord.hasVariable(text) else { throw fault("nginx puts no variable into auth_request") }
        let isNegated = text.utf8.first == UInt8(ascii: "!")
        let parts = text.utf8.dropFirst(isNegated ? 1 : 0).split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(decoding: parts[0], as: UTF8.self)
        guard let key = Key.allCases.first(where: { $0.rawValue.utf8.elementsEqual(parts[0]) }) else {
            throw fault(RequirementWord.unknown(name))
        }
        if key == .preflight {
            guard parts.count == 1 else { throw fault("preflight takes no value") }
            guard !isNegated else { throw fault("preflight cannot be turned round with !") }
            self = .preflight
            return
        }
        guard parts.count == 2, !parts[1].isEmpty else { throw fault("\(key)= needs a value") }
        let value = String(decoding: parts[1], as: UTF8.self)
        guard let kind = UserCondition.Kind(key) else {
            guard !isNegated else { throw fault("\(key)= cannot be turned round with !") }
            self =
                key == .limit
                ? .limit(try RequirementWord.limit(value, rules, fault)) : .fresh(try RequirementWord.age(value, fault))
            return
        }
        self = .condition(try UserCondition(kind, value, isNegated: isNegated, fault))
    }

    /// `$host`, `${host}`, as nginx writes variables elsewhere.
    private static func hasVariable(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.dropLast().contains { index in
            guard bytes[index] == UInt8(ascii: "$") else { return false }
            let next = bytes[index + 1]
            return next == UInt8(ascii: "{") || next == UInt8(ascii: "_")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next | 0x20)
        }
    }

    private static func age(_ value: String, _ fault: (String) -> RequirementFault) throws(RequirementFault) -> Int {
        guard let seconds = DurationText.seconds(value), ages.contains(seconds) else {
            throw fault("\"\(value)\" is no time from 1s to 30d, as in fresh=15m")
        }
        return seconds
    }

    private static func limit(
        _ name: String, _ rules: RateRules, _ fault: (String) -> RequirementFault
    ) throws(RequirementFault) -> Limit {
        if let limit = rules.forLocation(name) { return limit }
        throw fault(
            name == "login"
                ? "is for logins alone, whose success gives a place back" : "no limit of this name in [limits]")
    }

    private static func unknown(_ name: String) -> String {
        let near = Key.allCases.first { EditDistance.between($0.rawValue, name) <= 2 }
        return "unknown requirement (\(Key.list))" + (near.map { "; did you mean \($0)?" } ?? "")
    }

    var description: String {
        switch self {
        case .condition(let condition): condition.description
        case .fresh(let seconds): "fresh=" + DurationText.text(seconds)
        case .limit(let limit): "limit=" + limit.name
        case .preflight: "preflight"
        }
    }
}
