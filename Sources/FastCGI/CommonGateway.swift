import CFastCGI
import Glibc
import HTTP
import Synchronization
import System

/// One request as a plain CGI program (RFC 3875), without libfcgi: environment and standard input in, standard
/// output out.
public enum CommonGateway {
    /// Whether a web server started this process as a CGI program. FCGX_IsCGI cannot tell: it looks at descriptor 0,
    /// and a socket from systemd is descriptor 3.
    public static var isRequested: Bool { Environment.value("GATEWAY_INTERFACE") != nil }

    /// Serves the one request and gives the process's exit code: 0 when the answer is written.
    ///
    /// - Parameter parameters: further ones that the application wants (`Server.register`).
    public static func serve(
        limits: Limits = Limits(), parameters: some Collection<ParameterName> = [],
        application: @Sendable (consuming Request) -> Outcome
    ) -> Int32 {
        var request = RequestReader.empty
        var reader = RequestReader()
        unsafe reader.read(environ, TrustedNames(registered: parameters), into: &request)
        return serve(reader, request, limits, input: STDIN_FILENO, output: STDOUT_FILENO, application)
    }

    /// The same for given `NAME=value` texts and descriptors; for tests.
    package static func serve(
        environment: [String], parameters: [ParameterName] = [], input: Int32, output: Int32,
        _ application: @Sendable (consuming Request) -> Outcome
    ) -> Int32 {
        var request = RequestReader.empty
        var reader = RequestReader()
        let names = TrustedNames(registered: parameters)
        for text in environment { reader.add(Array(text.utf8), names, to: &request) }
        return serve(reader, request, Limits(), input: input, output: output, application)
    }

    private static func serve(
        _ reader: RequestReader, _ request: Request, _ limits: Limits, input: Int32, output: Int32,
        _ application: @Sendable (consuming Request) -> Outcome
    ) -> Int32 {
        let request = finish(reader, request, limits, input: input)
        let isBodyLeft = request?.isBodyWhole == false
        let response = request.map { answer($0, application) } ?? Response(.badRequest)
        let isWritten = write(response.serialized(), to: output)
        if isBodyLeft { discard(input, limits) }
        return isWritten ? 0 : 1
    }

    /// Reads on over a body that is not wanted, within the bounds of a slow close: a wrapper whose write fails would
    /// turn the answer into a 502.
    private static func discard(_ input: Int32, _ limits: Limits) {
        var rest = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        let deadline = Moment.now().boot + limits.slowCloseDeadline.nanoseconds
        while count < limits.slowCloseBytes {
            let now = Moment.now().boot
            guard now < deadline else { return }
            var watched = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&watched, 1, Int32((deadline - now) / 1_000_000) + 1) > 0 else { return }
            let length = unsafe rest.withUnsafeMutableBytes { unsafe read(input, $0.baseAddress!, $0.count) }
            guard length > 0 else { return }
            count += length
        }
    }

    private static func finish(
        _ reader: RequestReader, _ request: Request, _ limits: Limits, input: Int32
    ) -> Request? {
        var request = request
        guard reader.finish(&request, isAuthorizer: false) else { return nil }
        guard request.contentLength <= limits.bodyLimit else {
            request.isBodyWhole = false
            return request
        }
        guard let body = readBody(count: request.contentLength, from: input) else { return nil }
        request.body = body
        return request
    }

    /// Exactly `count` bytes; nil when the input ends before. A CGI program may not read beyond (section 4.2).
    private static func readBody(count: Int, from input: Int32) -> [UInt8]? {
        var body = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let length = unsafe body.withUnsafeMutableBytes {
                unsafe read(input, $0.baseAddress! + done, count - done)
            }
            if length < 0 && errno == EINTR { continue }
            guard length > 0 else { return nil }
            done += length
        }
        return body
    }

    private static func answer(
        _ request: Request, _ application: @Sendable (consuming Request) -> Outcome
    ) -> Response {
        switch application(request) {
        case .response(let response): return response
        case .deferred(let body):
            guard let pending = try? LaterAnswer() else { return Response(.internalServerError) }
            // A completion that is dropped unanswered ends the wait as well.
            let holder = LaterAnswer.Holder(pending)
            body(Completion { holder.give($0) })
            _ = consume holder
            return pending.wait()
        }
    }

    private static func write(_ bytes: [UInt8], to output: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(output, $0.baseAddress! + done, $0.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}

/// An answer that another thread gives, and the thread that waits for it.
private final class LaterAnswer: Sendable {
    private let response = Mutex<Response?>(nil)
    private let given: FileDescriptor

    init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC))
        guard number >= 0 else { throw .last("eventfd") }
        given = FileDescriptor(owning: number)
    }

    /// What the completion holds; gone unused, the answer is 500.
    final class Holder: Sendable {
        private let answer: LaterAnswer
        init(_ answer: LaterAnswer) { self.answer = answer }
        deinit { answer.give(Response(.internalServerError)) }
        func give(_ response: Response) { answer.give(response) }
    }

    /// The first answer counts.
    func give(_ new: Response) {
        response.withLock { if $0 == nil { $0 = new } }
        _ = eventfd_write(given.rawValue, 1)
    }

    func wait() -> Response {
        while true {
            if let response = response.withLock({ $0 }) { return response }
            var count: eventfd_t = 0
            _ = unsafe eventfd_read(given.rawValue, &count)
        }
    }
}
