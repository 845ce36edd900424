/// What `postern check` asks about the requirements that stand in nginx's files: the worker's own reading of them.
public enum RequirementCheck {
    /// Why a check with this path is refused with 403; `nil`: it is understood.
    ///
    /// - Parameter path: of an auth_request, "/postern/auth/limit=downloads".
    public static func fault(_ path: String, _ settings: Settings) -> (word: String, reason: String)? {
        do throws(RequirementFault) {
            _ = try Requirement(path: path, rules: RateRules(settings.limits))
            return nil
        } catch {
            return (error.word, error.reason)
        }
    }
}
