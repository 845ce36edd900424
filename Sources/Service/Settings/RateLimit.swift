import RateWindows

/// A rate limit as the sysadmin wrote it, and what it means.
public struct RateLimit: Sendable, Equatable {
    public enum Subject: String, Sendable, CaseIterable {
        case user
        case address
    }

    /// "20/minute" or "1000/hour; 20/second"
    public let text: String
    public let windows: [Rate]
    public let per: Subject

    public init(parsing text: String, per: Subject) throws(RuleError) {
        self.text = text
        self.windows = try RuleText.parse(text)
        self.per = per
    }

    /// For the defaults, which a test reads: a wrong one has no window and refuses nothing.
    init(_ text: StaticString, per: Subject) {
        self.text = "\(text)"
        self.windows = (try? RuleText.parse("\(text)")) ?? []
        self.per = per
    }
}
