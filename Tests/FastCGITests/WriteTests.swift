import FastCGI
import Glibc
import HTTP
import TestKit
import Testing

extension FastCGITests {
    /// nginx ends a check's subrequest at the end of the head: what comes in a second write finds a closed connection.
    @Suite("Writes")
    struct WriteTests {
        /// Each read of such a socket gives what one write sent, and no more.
        private func firstWrite(of answer: [UInt8], to request: FastCGIRequest) throws -> [UInt8] {
            let (near, far) = try descriptorPair(SOCK_SEQPACKET)
            defer { for end in [near, far] { close(end) } }
            let bytes = request.bytes
            #expect(unsafe write(near, bytes, bytes.count) == bytes.count)
            let library = LibraryRequest()
            try #require(library.take(far) && library.readBody(count: 0) != nil)
            #expect(library.answer(answer))
            #expect(library.release() == far)
            var message = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe message.withUnsafeMutableBytes {
                unsafe recv(near, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            return Array(message[..<max(0, count)])
        }

        private func answer(_ count: Int) -> [UInt8] {
            var response = Response(.noContent)
            let frame = response.serialized().count + "\r\nRemote-User: ".utf8.count
            response.add(.remoteUser, HeaderValue(words: String(repeating: "u", count: count - frame)))
            return response.serialized()
        }

        /// An empty STDOUT record ends the stream, then comes the end record.
        private let end = FastCGI.endOf(6) + FastCGI.record(3, Array(repeating: 0, count: 8))

        @Test(
            "an answer and its end record are one write, up to more than a web server takes as a head",
            arguments: [FastCGI.RoleNumber.responder, FastCGI.RoleNumber.authorizer], [100, 400, 4096, 8100])
        func one(_ role: UInt16, _ count: Int) throws {
            var request = FastCGIRequest("/postern/auth")
            request.role = role
            let answer = answer(count)
            #expect(answer.count == count)
            let written = try firstWrite(of: answer, to: request)
            let padding = (8 - count % 8) % 8
            #expect(
                written.starts(
                    with: FastCGI.record(6, answer, padding: Array(repeating: 0, count: padding)).prefix(8 + count)))
            #expect(written.suffix(end.count) == end[...] && written.count == 8 + count + padding + end.count)
        }

        @Test("the longest answer of one write is known: behind it the end record comes alone")
        func two() throws {
            let written = try firstWrite(of: answer(9000), to: FastCGIRequest("/postern/auth"))
            #expect(written.suffix(end.count) != end[...])
        }
    }
}
