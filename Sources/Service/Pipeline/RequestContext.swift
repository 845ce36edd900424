import HTTP
import System

/// What every stage knows of a request: the request itself, its one clock reading, its name in the journal.
/// A class: the stages hand it on, and a struct of this size would be copied each time.
final class RequestContext: Sendable {
    let request: Request
    let moment: Moment
    /// nginx's request id where it is one, else our own; stands in X-Request-Id, `trace` and the event lines.
    let trace: String

    init(_ request: consuming Request, at moment: Moment) {
        trace = TraceID.accept(request.requestID) ?? TraceID.make()
        self.request = consume request
        self.moment = moment
    }
}
