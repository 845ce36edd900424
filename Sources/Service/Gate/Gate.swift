import HTTP
import Synchronization
import System

/// The roles that nginx's `auth_request` asks: `check` says yes or no, `denied` words the no for the client.
final class Gate: Sendable {
    private static let mostKnown = 256
    private static let pause: UInt64 = 1_000_000_000

    let check: Route
    let denied: Route
    private let rules: RateRules
    private let events: EventLog
    /// Requirements are few and stand in nginx's files: each is read once by every thread.
    private let known = PerThread { [String: Requirement]() }
    /// CLOCK_BOOTTIME, ns: no line before.
    private let nextLine = Atomic<UInt64>(0)

    init(rules: RateRules, authentication: Authentication, events: EventLog) {
        self.rules = rules
        self.events = events
        check = Route([], Requirement.path, access: .user) { request throws(Problem) in
            .now(try Pass.response(to: request))
        }
        let wording = DeniedWording(authentication: authentication)
        denied = Route([], "", access: .open) { request in .now(wording.response(request)) }
    }

    /// - Throws: 403 for a requirement that cannot be met because nobody knows it.
    func requirement(of context: RequestContext) throws(Problem) -> Requirement {
        let path = context.request.path
        if let requirement = known.withValue({ $0[path] }) { return requirement }
        do throws(RequirementFault) {
            let requirement = try Requirement(path: path, rules: rules)
            known.withValue { known in
                if known.count < Gate.mostKnown { known[path] = requirement }
            }
            return requirement
        } catch {
            tell(error, context)
        }
        throw Problem(.forbidden, "forbidden", "This is closed.", reason: "unknown_requirement")
    }

    /// At most one line a second: every request to the location comes through here until somebody mends it.
    private func tell(_ fault: RequirementFault, _ context: RequestContext) {
        let now = context.moment.boot
        let next = nextLine.load(ordering: .relaxed)
        guard now >= next,
            nextLine.compareExchange(expected: next, desired: now + Gate.pause, ordering: .relaxed).exchanged
        else { return }
        let request = context.request
        // The query may hold what is nobody's business.
        let location = request.target.utf8.prefix { $0 != UInt8(ascii: "?") }.prefix(200)
        events.error(
            Event("gate.unknown_requirement")
                .with("host", request.headers["host"])
                .with("location", String(decoding: location, as: UTF8.self))
                .with("word", fault.word).with("reason", fault.reason).with("trace", context.trace))
    }
}
