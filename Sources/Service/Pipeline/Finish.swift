import HTTP
import System

/// What every answer gets on its way out: the request id, the fields of its rate limit, its line in the journal, and its
/// place in the counts of `postern status`.
struct Finish: Sendable {
    /// Requests slower than this stand in the journal, ns.
    private static let slow: UInt64 = 1_000_000_000

    let crossOrigin: CrossOrigin
    let events: EventLog
    let counts: RequestCounts

    func response(_ response: Response, _ context: RequestContext, _ spending: Spending = .nothing) -> Response {
        var response = response
        spending.addFields(to: &response)
        let duration = complete(&response, context)
        if duration >= Finish.slow {
            events.notice(line("request.slow", response, context, duration))
        } else {
            events.info(line("request.served", response, context, duration))
        }
        return response
    }

    /// - Parameter worded: the answer where it is not the problem's own.
    func problem(
        _ problem: Problem, _ context: RequestContext, _ spending: Spending = .nothing, worded: Response? = nil
    ) -> Response {
        var response = worded ?? problem.response(trace: context.trace)
        spending.addFields(to: &response)
        if response.header(.cacheControl) == nil { response.add(.cacheControl, .noStore) }
        let duration = complete(&response, context)
        let name: StaticString = problem.status.rawValue >= 500 ? "request.failed" : "request.refused"
        let event = line(name, response, context, duration)
            .with("reason", problem.reason ?? "\(problem.code)").with("word", problem.word.map(Finish.short))
        if problem.status.rawValue >= 500 { events.warning(event) } else { events.notice(event) }
        return response
    }

    /// How long the request took, in ns; it counts from here on.
    private func complete(_ response: inout Response, _ context: RequestContext) -> UInt64 {
        // The id was checked when it was taken, so it always fits.
        if let trace = HeaderValue(context.trace) { response.add(.requestID, trace) }
        response.add(.contentTypeOptions, .noSniff)
        crossOrigin.add(to: &response, for: context.request)
        if context.request.method == "HEAD" { response.body = [] }
        let now = Moment.bootNow
        let duration = now > context.moment.boot ? now - context.moment.boot : 0
        counts.note(response, to: context.request.role, after: duration)
        return duration
    }

    private func line(
        _ name: StaticString, _ response: Response, _ context: RequestContext, _ duration: UInt64
    ) -> Event {
        Event(name)
            .with("status", response.status.rawValue)
            .with("method", Finish.short(context.request.method))
            .with("path", Finish.short(Finish.path(of: context.request)))
            .with("addr", context.request.remoteAddress)
            .with("ms", duration / 1_000_000)
            .with("trace", context.trace)
    }

    /// A check's path is what its location asks for, and may name users by e-mail: no line holds one.
    private static func path(of request: Request) -> String {
        guard request.role == .check, request.path.utf8.contains(UInt8(ascii: "@")) else { return request.path }
        let words = request.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return words.map { word in
            let isPlain = !word.contains(UInt8(ascii: "@"))
            let shown = isPlain ? word : word.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "@") }
            return String(decoding: shown, as: UTF8.self)
        }.joined(separator: "/")
    }

    /// A client chooses these: a line stays a line.
    private static func short(_ text: String) -> String {
        text.utf8.count <= 120 ? text : String(decoding: text.utf8.prefix(117), as: UTF8.self) + "..."
    }
}
