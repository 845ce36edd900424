/// Why the gate closed a connection without an answer. The raw values are stable: they stand in logs and statistics.
public enum Refusal: String, Error, Sendable, CaseIterable {
    /// A record of another version than 1, or bytes that are no record.
    case version
    /// A record that may not stand here: a second begin record, a management record, FCGI_ABORT_REQUEST, PARAMS
    /// after their end.
    case record
    /// Request id 0, or a record of another request.
    case requestID = "request_id"
    /// A begin record that is not 8 bytes long.
    case begin
    /// Neither Responder nor Authorizer.
    case role
    /// Padding where libfcgi would parse it as the next record.
    case padding
    /// More PARAMS than the limit.
    case parametersTooLong = "parameters_too_long"
    /// A name or value that does not end where the PARAMS end.
    case parametersCut = "parameters_cut"
    /// A name with a byte outside `[A-Za-z0-9_]`, or none at all.
    case parameterName = "parameter_name"
    /// A value with a NUL.
    case parameterValue = "parameter_value"
    /// A name twice that decisions rest on.
    case repeatedName = "repeated_name"
    /// CONTENT_LENGTH that is not a decimal number.
    case contentLength = "content_length"
    /// A body that is shorter or longer than its CONTENT_LENGTH.
    case bodyLength = "body_length"
    /// Bytes behind the request's last record.
    case trailing
    /// Too many headers and too much padding for the content.
    case tooLong = "too_long"
}
