import HTTP
import RateWindows
import Synchronization
import System

/// One rate limit in force: its rules of the table, whom it counts, and what clients are told of it.
///
/// Shared by all requests, so passing it on costs nothing.
final class Limit: Sendable {
    let name: String
    let per: RateLimit.Subject
    let isPerUser: Bool
    /// A success gives its place back: logins.
    let isReturnable: Bool
    let isDryRun: Bool
    let whenAway: WhenAway
    /// One for each window; the same for the /48 of an IPv6 address.
    let rules: [Rule]
    let wideRules: [Rule]
    /// The rule of a limit that asks for nothing else, which is decided without an allocation.
    let onlyRule: Rule?
    /// The value of RateLimit-Policy where no /48 is counted: the same in every answer.
    let policy: HeaderValue
    /// Since this limit is in force, in this worker.
    let totals = LimitTotals()
    private let exempt: Exemptions
    /// By the last four bits of a rule's number: `"api"`, quoted; further windows are `"api-2"`, a /48 is `"api-net"`.
    private let labels: [String]

    init(_ name: String, number: UInt32, _ limit: RateLimit, isReturnable: Bool = false) {
        self.name = name
        per = limit.per
        isPerUser = limit.per == .user
        self.isReturnable = isReturnable
        isDryRun = limit.isDryRun
        whenAway = limit.whenAway
        exempt = limit.exempt
        rules = limit.rules(number: number)
        wideRules = limit.wideRules(number: number)
        let isPlain = !limit.isDryRun && limit.exempt.isEmpty && (isPerUser || limit.per == .address)
        onlyRule = isPlain && rules.count == 1 ? rules[0] : nil
        let labels = ["", "-net"].flatMap { kind in
            (1...8).map { $0 == 1 ? "\"\(name)\(kind)\"" : "\"\(name)\(kind)-\($0)\"" }
        }
        self.labels = labels
        let policies = rules.map { Limit.policy(of: $0, labels) }
        policy = HeaderValue(policies.joined(separator: ", ")) ?? HeaderValue("")
    }

    /// Whether it does not count this caller.
    func isExempt(_ caller: Caller) -> Bool {
        guard !exempt.isEmpty else { return false }
        if let user = caller.user, exempt.users.contains(user.id) || exempt.emails.contains(user.email) { return true }
        if let email = caller.email, exempt.emails.contains(email) { return true }
        guard !exempt.networks.isEmpty, let address = InternetAddress(caller.address) else { return false }
        return exempt.networks.contains { $0.contains(address) }
    }

    func owns(_ rule: Rule) -> Bool { rules.contains(rule) || wideRules.contains(rule) }

    /// The name of a rule without quotes, for `violated-policies`.
    func name(of rule: Rule) -> String { String(label(rule).dropFirst().dropLast()) }

    /// The rule in RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10 section 3): `"api";q=20;w=60`.
    func addPolicy(_ rule: Rule, to text: inout [UInt8]) { text.append(text: Limit.policy(of: rule, labels)) }

    private static func policy(of rule: Rule, _ labels: [String]) -> String {
        "\(labels[Int(rule.number % 16)]);q=\(rule.limit);w=\(rule.window / 1_000_000_000)"
    }

    /// How a key stands, in RateLimit (section 4): `"api";r=19;t=60`.
    func addState(_ standing: Standing, to text: inout [UInt8]) {
        text.append(text: label(standing.rule))
        text.append(text: ";r=")
        text.append(decimal: UInt64(standing.remaining))
        text.append(text: ";t=")
        // Rounded up: whoever waits that long finds what was promised.
        text.append(decimal: (standing.resetAfter + 999_999_999) / 1_000_000_000)
    }

    private func label(_ rule: Rule) -> String { labels[Int(rule.number % 16)] }
}

/// What a limit did that nobody was refused for, or that it could not decide; the journal tells of each.
final class LimitTotals: Sendable {
    /// Requests that a limit in dry run would have refused.
    let wouldRefuse = Atomic<Int>(0)
    /// Requests let in, and refused, while the table was away.
    let letIn = Atomic<Int>(0)
    let turnedAway = Atomic<Int>(0)

    func counts(of name: String) -> [Count] {
        func count(_ event: StaticString, _ total: borrowing Atomic<Int>, _ decision: WhenAway? = nil) -> Count {
            var fields: [(name: StaticString, value: String)] = [("limit", name)]
            if let decision { fields.append(("decision", decision.rawValue)) }
            return Count(event, fields, total: total.load(ordering: .relaxed))
        }
        return [
            count("limit.would_refuse", wouldRefuse), count("limit.without_table", letIn, .open),
            count("limit.without_table", turnedAway, .closed),
        ]
    }
}
