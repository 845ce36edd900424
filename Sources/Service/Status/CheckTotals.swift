import HTTP

/// What became of a check, as status counts it: by what the client is told, not by the 401 or 403 that nginx gets.
public enum CheckClass: Int, CaseIterable, Sendable {
    case passed
    case unauthorized
    /// Malformed ones too.
    case forbidden
    case limited
    case unavailable

    /// - Parameter response: of the role `check`, to nginx or to an Authorizer.
    init(_ response: Response) {
        guard response.status.rawValue >= 300 else {
            self = .passed
            return
        }
        switch response.header(.posternStatus).flatMap({ Int($0) }) ?? response.status.rawValue {
        case 401: self = .unauthorized
        case 429: self = .limited
        case 500...: self = .unavailable
        default: self = .forbidden
        }
    }
}

/// Checks by what became of them.
public struct CheckTotals: Sendable, Equatable {
    /// By `CheckClass.rawValue`.
    public internal(set) var classes = [Int](repeating: 0, count: CheckClass.allCases.count)

    public init() {}

    public subscript(checkClass: CheckClass) -> Int { classes[checkClass.rawValue] }

    public var all: Int { classes.reduce(0, +) }

    public static func + (one: CheckTotals, other: CheckTotals) -> CheckTotals { one.combined(other, +) }

    public static func - (one: CheckTotals, other: CheckTotals) -> CheckTotals { one.combined(other, -) }

    private func combined(_ other: CheckTotals, _ operation: (Int, Int) -> Int) -> CheckTotals {
        var result = CheckTotals()
        result.classes = zip(classes, other.classes).map(operation)
        return result
    }
}
