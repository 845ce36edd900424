import HTTP

/// What a user is told who does not meet the requirement of a location.
extension Authentication {
    func problem(_ unmet: Unmet, of requirement: Requirement) -> Problem {
        var problem: Problem
        switch unmet {
        case .forbidden(let word):
            problem = forbidden()
            problem.word = word
        case .scope(let word):
            problem = insufficientScope(requirement.scopes.joined(separator: " "))
            problem.word = word
        case .tooOld(let maxAge):
            problem = tooOld(maxAge: maxAge)
            problem.word = "fresh=" + DurationText.text(maxAge)
        }
        problem.reason = "requirement"
        return problem
    }

    func forbidden() -> Problem { Problem(.forbidden, "forbidden", "You may not use this.") }

    /// RFC 6750 section 3.1. Another password would change nothing: no second challenge.
    ///
    /// - Parameter scope: all that the location names, with spaces between; empty: not told.
    func insufficientScope(_ scope: String) -> Problem {
        var problem = Problem(
            .forbidden, "insufficient_scope",
            scope.isEmpty
                ? "Your login does not have the scope that this needs."
                : "Your login does not have the scope that this needs: \(scope).")
        var fault: HeaderValue = HeaderValue(", error=\"insufficient_scope\"")
        if !scope.isEmpty {
            problem.members = [("scope", .text(scope))]
            fault = fault + HeaderValue(", scope=") + HeaderValue(quoting: scope)
        }
        return challenging(problem, fault, at: .api)
    }

    /// RFC 9470 section 3.
    ///
    /// - Parameter maxAge: how old a login may be, s; nil: not told.
    func tooOld(maxAge: Int?) -> Problem {
        var problem = Problem(
            .unauthorized, "login_too_old", "This needs a login that is newer than yours. Log in again.")
        var fault: HeaderValue = HeaderValue(
            ", error=\"insufficient_user_authentication\", error_description=\"A more recent login is needed\"")
        if let maxAge {
            problem.message =
                "This needs a login that is no older than \(Authentication.words(for: maxAge)). Log in again."
            problem.members = [("max_age", .number(maxAge))]
            fault = fault + HeaderValue(", max_age=") + HeaderValue(quoting: String(maxAge))
        }
        return challenging(problem, fault, at: .gate)
    }

    /// "15 minutes", "1 hour"
    private static func words(for seconds: Int) -> String {
        let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
        let (length, name) = units.first { seconds > 0 && seconds % $0.0 == 0 } ?? (1, "second")
        let count = seconds / length
        return count == 1 ? "1 \(name)" : "\(count) \(name)s"
    }
}
