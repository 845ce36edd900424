import HTTP
import System

/// What became of a request, as status counts it.
public enum AnswerClass: Int, CaseIterable, Sendable {
    case good
    case unauthorized
    case forbidden
    case limited
    case otherRefusal
    case failed

    init(_ status: Status) {
        switch status.rawValue {
        case ..<400: self = .good
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 429: self = .limited
        case ..<500: self = .otherRefusal
        default: self = .failed
        }
    }
}

/// How many answers of each class there were since the start, how long they took, and what became of checks.
final class RequestCounts: Sendable {
    /// Behind the answers by class and time: checks by class.
    private static let firstCheck = AnswerClass.allCases.count * DurationScale.count

    private let counts = ThreadCounts(RequestCounts.firstCheck + CheckClass.allCases.count)

    /// One addition in a row of the thread's own, for a check two.
    func note(_ response: Response, to role: Role?, after nanoseconds: UInt64) {
        let answerClass = AnswerClass(response.status)
        counts.add(answerClass.rawValue * DurationScale.count + DurationScale.step(of: nanoseconds))
        if role == .check { counts.add(RequestCounts.firstCheck + CheckClass(response).rawValue) }
    }

    var checks: CheckTotals {
        let cells = counts.totals
        var totals = CheckTotals()
        for checkClass in CheckClass.allCases {
            totals.classes[checkClass.rawValue] = cells[RequestCounts.firstCheck + checkClass.rawValue]
        }
        return totals
    }

    var totals: AnswerTotals {
        let cells = counts.totals
        var totals = AnswerTotals()
        for answerClass in AnswerClass.allCases {
            for step in 0..<DurationScale.count {
                let count = cells[answerClass.rawValue * DurationScale.count + step]
                totals.classes[answerClass.rawValue] += count
                totals.steps[step] += count
            }
        }
        return totals
    }
}

/// Answers by class and by time.
public struct AnswerTotals: Sendable, Equatable {
    /// By `AnswerClass.rawValue`.
    public internal(set) var classes = [Int](repeating: 0, count: AnswerClass.allCases.count)
    /// By step of `DurationScale`.
    public internal(set) var steps = [Int](repeating: 0, count: DurationScale.count)

    public init() {}

    public subscript(answerClass: AnswerClass) -> Int { classes[answerClass.rawValue] }

    public var all: Int { classes.reduce(0, +) }

    public static func + (one: AnswerTotals, other: AnswerTotals) -> AnswerTotals { one.combined(other, +) }

    public static func - (one: AnswerTotals, other: AnswerTotals) -> AnswerTotals { one.combined(other, -) }

    private func combined(_ other: AnswerTotals, _ operation: (Int, Int) -> Int) -> AnswerTotals {
        var result = AnswerTotals()
        result.classes = zip(classes, other.classes).map(operation)
        result.steps = zip(steps, other.steps).map(operation)
        return result
    }
}
