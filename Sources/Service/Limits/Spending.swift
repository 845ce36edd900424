import HTTP
import RateWindows

/// What a request has spent of its rate limit, and how its key stands.
struct Spending: Sendable {
    let name: LimitName?
    let standings: [Standing]
    let receipt: Receipt?

    static let nothing = Spending(name: nil, standings: [], receipt: nil)
}

/// RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers-10.
enum RateLimitFields {
    static func add(_ name: LimitName, _ standings: [Standing], to response: inout Response) {
        response.add("RateLimit-Policy", value(policies(name, standings)))
        response.add("RateLimit", value(items(name, standings)))
    }

    static func headers(_ name: LimitName, _ standings: [Standing]) -> [(name: StaticString, value: HeaderValue)] {
        [("RateLimit-Policy", value(policies(name, standings))), ("RateLimit", value(items(name, standings)))]
    }

    static func names(_ name: LimitName, _ rules: [Rule]) -> [String] {
        rules.map { label(name, $0) }
    }

    private static func policies(_ name: LimitName, _ standings: [Standing]) -> String {
        var text = ""
        for standing in standings {
            if !text.isEmpty { text += ", " }
            text +=
                "\"\(label(name, standing.rule))\";q=\(standing.rule.limit);w=\(standing.rule.window / 1_000_000_000)"
        }
        return text
    }

    private static func items(_ name: LimitName, _ standings: [Standing]) -> String {
        var text = ""
        for standing in standings {
            if !text.isEmpty { text += ", " }
            // Rounded up: whoever waits that long finds what was promised.
            let seconds = (standing.resetAfter + 999_999_999) / 1_000_000_000
            text += "\"\(label(name, standing.rule))\";r=\(standing.remaining);t=\(seconds)"
        }
        return text
    }

    /// A limit with several windows has a name for each: "api", "api-2".
    private static func label(_ name: LimitName, _ rule: Rule) -> String {
        rule.number % 16 == 0 ? name.rawValue : "\(name.rawValue)-\(rule.number % 16 + 1)"
    }

    /// Names are ours and the rest is digits, so it always fits a header.
    private static func value(_ text: String) -> HeaderValue { HeaderValue(text) ?? HeaderValue("") }
}
