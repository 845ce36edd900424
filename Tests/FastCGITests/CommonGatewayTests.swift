import FastCGI
import Glibc
import HTTP
import System
import TestKit
import Testing

extension FastCGITests {
    @Suite("CGI")
    struct CommonGatewayTests {
        private let environment = [
            "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "SCRIPT_NAME=/postern", "PATH_INFO=/login",
            "CONTENT_LENGTH=5", "HTTP_X_A=1", "HTTP_PROXY=http://evil.example", "POSTERN_ROLE=api", "odd",
        ]

        /// Runs one request over two pipes; the exit code and what was written.
        private func run(
            _ environment: [String], parameters: [ParameterName] = [], input: [UInt8],
            _ application: @Sendable (Request) -> Outcome = { .response(Fixture.echo($0)) }
        ) throws -> (code: Int32, output: String) {
            let source = try pipe()
            let sink = try pipe()
            try source.write.writeAll(input)
            _ = consume source.write
            let code = CommonGateway.serve(
                environment: environment, parameters: parameters, input: source.read.rawValue,
                output: sink.write.rawValue, application)
            _ = consume sink.write
            return (code, String(decoding: try sink.read.readAll(limit: 1 << 20), as: UTF8.self))
        }

        private struct Pipe: ~Copyable {
            let read: FileDescriptor
            let write: FileDescriptor
        }

        private func pipe() throws -> Pipe {
            var ends: [Int32] = [-1, -1]
            guard unsafe Glibc.pipe(&ends) == 0 else { throw SystemError.last("pipe") }
            return Pipe(read: FileDescriptor(owning: ends[0]), write: FileDescriptor(owning: ends[1]))
        }

        @Test("environment and input become a request, its answer goes to the output")
        func request() throws {
            let result = try run(environment, input: Array("hello, and more that is not read".utf8))
            #expect(result.code == 0)
            #expect(result.output.hasPrefix("Status: 200 OK\r\n"))
            #expect(result.output.hasSuffix("POST /postern/login  body=5 sum=\(Fixture.sum(Array("hello".utf8)))"))
        }

        @Test("a registered parameter reaches the application; twice it is 400")
        func registered() throws {
            let customer = try ParameterName("CUSTOMER")
            let once = try run(environment + ["CUSTOMER=acme"], parameters: [customer], input: Array("hello".utf8)) {
                $0.parameter(customer) == "acme" ? .response(Response(.noContent)) : .response(Response(.forbidden))
            }
            #expect(once.output.hasPrefix("Status: 204"))
            let twice = environment + ["CUSTOMER=acme", "CUSTOMER=other"]
            #expect(
                try run(twice, parameters: [customer], input: Array("hello".utf8)).output.hasPrefix("Status: 400"))
        }

        @Test("a deferred answer is waited for, a dropped one is 500")
        func deferred() throws {
            let later = try run(environment, input: Array("hello".utf8)) { _ in
                .deferred { completion in
                    _ = try? Threads.start("later") { completion(Response(.forbidden)) }
                }
            }
            #expect(later.output.hasPrefix("Status: 403"))
            let dropped = try run(environment, input: Array("hello".utf8)) { _ in .deferred { _ in } }
            #expect(dropped.output.hasPrefix("Status: 500"))
        }

        @Test("a cut body, a repeated trusted name and a bad length are 400, a long one is answered unread")
        func faults() throws {
            #expect(try run(environment, input: [1]).output.hasPrefix("Status: 400"))
            let repeated = environment + ["POSTERN_ROLE=check"]
            #expect(try run(repeated, input: Array("hello".utf8)).output.hasPrefix("Status: 400"))
            let bad = environment.map { $0.hasPrefix("CONTENT_LENGTH") ? "CONTENT_LENGTH=-5" : $0 }
            #expect(try run(bad, input: Array("hello".utf8)).output.hasPrefix("Status: 400"))
            let long = environment.map { $0.hasPrefix("CONTENT_LENGTH") ? "CONTENT_LENGTH=32769" : $0 }
            #expect(try run(long, input: []).output.hasPrefix("Status: 413"))
        }
    }
}
