import HTTP

/// The page that a browser gets when a check said no, until there is one to log in on: what is missing, and the name of
/// the request in the journal. It takes nothing from the request, loads nothing and runs nothing.
enum DeniedPage {
    /// - Parameter problem: what a program would get, with all its fields.
    static func response(_ problem: Problem, _ code: RefusalCode, trace: String) -> Response {
        let title = "\(problem.status.rawValue) \(problem.status.phrase)"
        let page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex">
            <title>\(title)</title>
            </head>
            <body>
            <h1>\(title)</h1>
            <p>\(escaped(sentence(problem, code)))</p>
            <p>Request <code>\(escaped(trace))</code></p>
            </body>
            </html>

            """
        var response = Response(problem.status, body: Array(page.utf8))
        response.add(.contentType, .html)
        response.add(.contentSecurityPolicy, HeaderValue("default-src 'none'"))
        for header in problem.headers { response.add(header.name, header.value) }
        return response
    }

    /// The problem's message, where it does not speak to a programmer.
    private static func sentence(_ problem: Problem, _ code: RefusalCode) -> String {
        switch code {
        case .unauthorized: "This page is for users who are logged in."
        case .invalidToken: "Your login is no longer valid. Log in again."
        case .invalidRequest: "Your browser sent two logins at once."
        case .forbidden: "You may not see this page."
        default: problem.message
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
