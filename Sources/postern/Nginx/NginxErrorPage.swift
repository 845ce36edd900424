/// A line of `error_page` (ngx_http_core_error_page in src/http/ngx_http_core_module.c).
struct NginxErrorPage {
    let line: NginxDirective

    /// What stands behind "=": "200", or nothing where the status is the target's own. `nil`: the error keeps its status.
    private var answer: String? {
        guard let word = line.arguments.dropLast().last, word.hasPrefix("=") else { return nil }
        return String(word.dropFirst())
    }

    /// A path, an address, or the name of a location: "@content".
    var target: String { line.arguments.last ?? "" }

    /// Whether what comes of it may be a 2xx, which in a check is a yes.
    ///
    /// - Parameter isShut: whether the target answers with an error whatever comes.
    func mayBeYes(isShut: Bool) -> Bool {
        // 599 names no error of nginx's: a list of it alone only keeps others away.
        guard let answer, line.value != "599" else { return false }
        return answer.hasPrefix("2") || (answer.isEmpty && !isShut)
    }

    /// The one that nginx goes by: the first that names the status.
    static func first(_ status: String, of level: NginxLevel) -> NginxErrorPage? {
        level.inForce("error_page").first { $0.arguments.dropLast().contains(status) }.map(NginxErrorPage.init)
    }
}
