/// Whether a forged request got through.
enum SiteVerdict: Equatable {
    case kept
    /// Nothing was to be got there, but Postern was not asked.
    case unasked
    /// No answer came, so nothing is known.
    case untried
    case through

    /// nginx's own refusals of requests that it does not take.
    private static let ofNginx = [400, 403, 405, 414, 421, 431, 494, 501, 505]

    /// - Parameter control: what a path that nobody has is answered, asked in the same way.
    static func of(_ probe: Probe, _ answer: ProbeAnswer, control: ProbeAnswer?) -> SiteVerdict {
        if answer.isUntried { return .untried }
        if answer.status == 0 || answer.isRefusalOfOurs || ofNginx.contains(answer.status) { return .kept }
        switch probe.kind {
        case .same:
            // The location has just refused us, so whatever else it says it says without the check.
            return answer.status == 401 ? .unasked : .through
        case .inside:
            return [401, 404].contains(answer.status) ? .unasked : .through
        case .outside, .otherHost:
            // Another location: nothing of ours comes of an error or a redirect, nor of what everybody gets for any path.
            let isAnswer = (200..<300).contains(answer.status)
            let isForAll = control?.status == answer.status && control?.size == answer.size
            return isAnswer && !isForAll ? .through : .kept
        }
    }
}
