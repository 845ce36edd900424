import CFastCGI
import Glibc

/// All calls of libfcgi, and the only file that makes them.
///
/// `FCGX_Accept_r`, `FCGX_FClose`, `FCGX_PutStr`, `FCGX_GetStr`, `FCGX_GetChar`, `FCGX_GetError` and `FCGX_Free` in
/// the order that `LibraryRequest` keeps, on a connection whose request the gate has passed. Never `FCGX_Finish_r`:
/// it closes with a two-second wait and puts a connection with unread bytes back to use.
package enum Library {
    /// FCGX_Init without its signal handlers.
    ///
    /// It installs handlers for SIGPIPE, SIGUSR1 and SIGTERM (os_unix.c, OS_InstallSignalHandlers); SIGUSR1 would
    /// set a flag that makes the library refuse work. Signals belong to posternd, so what stood before is put back,
    /// and SIGPIPE is ignored: a peer that went away is the error of a write.
    package static func initialize() throws(FastCGIError) {
        let numbers = [SIGUSR1, SIGTERM]
        var saved = Array(repeating: Glibc.sigaction(), count: numbers.count)
        for (index, number) in numbers.enumerated() { unsafe sigaction(number, nil, &saved[index]) }
        let code = FCGX_Init()
        for (index, number) in numbers.enumerated() { unsafe sigaction(number, &saved[index], nil) }
        signal(SIGPIPE, SIG_IGN)
        guard code == 0 else { throw FastCGIError(.library, "libfcgi did not start: FCGX_Init gave \(code)") }
    }

    /// Whether libfcgi's private buffer has the layout that `unparsed` reads: proven with three bytes behind a
    /// request. Where it has not, no connection is kept; nothing else changes.
    package static let layoutIsKnown: Bool = {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return false }
        defer { for end in ends { close(end) } }
        let begin: [UInt8] = [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
        let noParams: [UInt8] = [1, 4, 0, 1, 0, 0, 0, 0]
        let noStdin: [UInt8] = [1, 5, 0, 1, 0, 0, 0, 0]
        let bytes = begin + noParams + noStdin + [1, 1, 0]
        guard unsafe write(ends[0], bytes, bytes.count) == bytes.count else { return false }
        let request = LibraryRequest()
        // A failed take has closed the descriptor.
        guard request.take(ends[1]) else {
            ends.removeLast()
            return false
        }
        defer { _ = request.release() }
        return request.readBody(count: 0) != nil && request.unparsed == 3
    }()
}

/// One `FCGX_Request` in memory of its own: libfcgi's streams point back at it, so it never moves.
///
/// Sendable because an exchange owns it alone: it is used by one thread at a time and handed over with the exchange.
@safe package final class LibraryRequest: @unchecked Sendable {
    private let request: UnsafeMutablePointer<FCGX_Request>

    package init() {
        unsafe request = .allocate(capacity: 1)
        // -1: there is no listening socket that FCGX_Accept_r could turn to after a failure; accept(2) gives EBADF.
        unsafe FCGX_InitRequest(request, -1, 0)
    }

    deinit {
        // With a descriptor: an exchange went away unanswered. Closed without libfcgi's two-second wait.
        unsafe request.pointee.detached = 1
        unsafe FCGX_Free(request, 1)
        unsafe request.deallocate()
    }

    /// Lets libfcgi read the head that the gate has passed. When it fails, libfcgi has closed the descriptor.
    package func take(_ descriptor: Int32) -> Bool {
        guard unsafe request.pointee.in == nil else { return false }
        unsafe request.pointee.ipcFd = descriptor
        // Else FCGX_Accept_r closes the connection before it reads.
        unsafe request.pointee.keepConnection = 1
        // Else a failure waits two seconds in OS_Close.
        unsafe request.pointee.detached = 1
        return unsafe FCGX_Accept_r(request) == 0
    }

    /// Whether reading went without error so far. libfcgi runs cut parameters as if they were whole; here it shows.
    package var isSound: Bool { unsafe FCGX_GetError(request.pointee.in) == 0 }

    /// The web server's FCGI_KEEP_CONN.
    package var keepsConnection: Bool { unsafe request.pointee.keepConnection != 0 }

    package var isAuthorizer: Bool { unsafe request.pointee.role == 2 }

    /// `NAME=value` strings up to a null pointer; they are libfcgi's and end with `release`.
    func withParameters<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
        unsafe body(request.pointee.envp)
    }

    /// The parameters as libfcgi has them, `NAME=value`, copied; for tests.
    package var parameters: [[UInt8]] {
        unsafe withParameters { parameters in
            var copies: [[UInt8]] = []
            var next = unsafe parameters
            while let text = unsafe next.pointee {
                let start = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
                unsafe copies.append(Array(UnsafeBufferPointer(start: start, count: strlen(text))))
                unsafe next += 1
            }
            return copies
        }
    }

    /// The body and the empty record behind it; nil when it is not exactly `count` bytes long.
    package func readBody(count: Int) -> [UInt8]? {
        guard let stream = unsafe request.pointee.in else { return nil }
        let body = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            guard count > 0 else { return }
            let start = unsafe UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            length = Int(unsafe FCGX_GetStr(start, Int32(count), stream))
        }
        guard body.count == count, unsafe FCGX_GetChar(stream) == -1, isSound else { return nil }
        return body
    }

    /// Bytes that libfcgi took from the socket beyond the request.
    package var unparsed: Int { unsafe postern_unparsed(request.pointee.in) }

    /// Sends the answer and ends the request: data and end record in one write where they fit its 8 KiB.
    /// False when a write failed.
    package func answer(_ bytes: [UInt8]) -> Bool {
        var isSent = unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return true }
            let text = unsafe start.assumingMemoryBound(to: CChar.self)
            return unsafe FCGX_PutStr(text, Int32(buffer.count), request.pointee.out) == Int32(buffer.count)
        }
        // The error stream first: closed last, it would cost a write of its own.
        if unsafe FCGX_FClose(request.pointee.err) != 0 { isSent = false }
        if unsafe FCGX_FClose(request.pointee.out) != 0 { isSent = false }
        return isSent && isSound
    }

    /// Frees all but the descriptor, which it gives back.
    package func release() -> Int32 {
        let descriptor = unsafe request.pointee.ipcFd
        unsafe request.pointee.ipcFd = -1
        unsafe FCGX_Free(request, 0)
        return descriptor
    }
}
