import FastCGI
import HTTP
import TestKit
import Testing

extension FastCGITests {
    @Suite("Conversation")
    struct ConversationTests {
        @Test("a connection without the keep flag is closed behind its one answer")
        func oneRequest() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            var request = FastCGIRequest("/once")
            request.keep = false
            request.id = 0xbeef
            let answer = try peer.exchange(request)
            #expect(answer.status == 200)
            #expect(answer.id == 0xbeef)
            #expect(answer.protocolStatus == 0)
            #expect(try peer.receiveUntilClosed().isEmpty)
            #expect(try fixture.isAlive())
        }

        @Test("a kept connection serves request after request")
        func kept() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            for number in 1...300 {
                let body = noise(number * 7 % 500, seed: UInt64(number))
                let answer = try peer.exchange(FastCGIRequest("POST", "/kept/\(number)", body: body))
                #expect(
                    answer.text == "POST /kept/\(number)  body=\(body.count) sum=\(Fixture.sum(body))")
            }
            #expect(fixture.server.statistics.accepted == 1)
            #expect(fixture.server.statistics.requests == 300)
        }

        @Test("parameters become a request's fields")
        func fields() throws {
            let fixture = try Fixture()
            var request = FastCGIRequest("PUT", "/a/b", body: [1, 2])
            request.set("QUERY_STRING", "q=1&r=%20")
            request.set("CONTENT_TYPE", "application/json")
            request.set("REMOTE_ADDR", "2001:db8::1")
            request.set("POSTERN_PEER", "secret")
            request.set("POSTERN_ROLE", "denied")
            request.parameters += [("HTTP_COOKIE", "a=1"), ("HTTP_X_LONG_HEADER_NAME", "y"), ("HTTP_COOKIE", "b=2")]
            #expect(try fixture.peer().exchange(request).status == 200)
            let seen = try #require(fixture.journal.all.first)
            #expect(seen.method == "PUT" && seen.path == "/a/b" && seen.query == "q=1&r=%20")
            #expect(seen.contentType == "application/json" && seen.contentLength == 2 && seen.body == [1, 2])
            #expect(seen.remoteAddress == "2001:db8::1" && seen.requestID == "5f0c2a" && seen.peerSecret == "secret")
            #expect(seen.role == .denied && seen.isSecure && seen.isBodyWhole)
            #expect(seen.headers.fields.filter { $0.name == "cookie" }.map(\.value) == ["a=1", "b=2"])
            #expect(seen.headers["x-long-header-name"] == "y")
        }

        @Test("registered parameters reach the application while they are registered, and no others do")
        func registered() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            var request = FastCGIRequest("/r")
            request.parameters += [("CUSTOMER", "acme"), ("PLAN", ""), ("OTHER", "x"), ("HTTP_CUSTOMER", "forged")]
            #expect(try peer.exchange(request).status == 200)
            fixture.server.register([try ParameterName("CUSTOMER"), try ParameterName("PLAN")])
            for _ in 0..<20 { #expect(try fixture.peer().exchange(request).status == 200) }
            fixture.server.register([try ParameterName("PLAN")])
            #expect(try peer.exchange(request).status == 200)
            let seen = fixture.journal.all.map { $0.parameters.map { "\($0.name)=\($0.value)" } }
            #expect(seen == [[]] + Array(repeating: ["CUSTOMER=acme", "PLAN="], count: 20) + [["PLAN="]])
            request.parameters.append(("PLAN", "2"))
            #expect(try fixture.isClosedUnanswered(request.bytes))
        }

        @Test("a missing or unknown role is no role")
        func roles() throws {
            let fixture = try Fixture()
            for role in ["", "API", "root"] {
                var request = FastCGIRequest("/x")
                request.set("POSTERN_ROLE", role)
                _ = try fixture.peer().exchange(request)
            }
            #expect(fixture.journal.all.map(\.role) == [nil, nil, nil])
        }

        @Test("HTTP_PROXY and REQUEST_URI are never read")
        func neverRead() throws {
            let fixture = try Fixture()
            let more = [("HTTP_PROXY", "http://evil.example"), ("REQUEST_URI", "/other?x")]
            _ = try fixture.peer().exchange(FastCGIRequest("GET", "/x", more))
            let seen = try #require(fixture.journal.all.first)
            #expect(seen.headers["proxy"] == nil)
            #expect(seen.path == "/x" && seen.query.isEmpty)
        }

        @Test("without DOCUMENT_URI the path is SCRIPT_NAME and PATH_INFO")
        func scriptName() throws {
            let fixture = try Fixture()
            var request = FastCGIRequest("GET", "", [("SCRIPT_NAME", "/app"), ("PATH_INFO", "/login")])
            request.set("REQUEST_SCHEME", "http")
            _ = try fixture.peer().exchange(request)
            let seen = try #require(fixture.journal.all.first)
            #expect(seen.path == "/app/login" && !seen.isSecure)
        }

        @Test("a token of one request is gone in the next on the same connection")
        func tokenThenNone() throws {
            let fixture = try Fixture({ $0.fastThreads = 1 }) { request in
                .response(Response(request.headers["authorization"] == nil ? .unauthorized : .ok))
            }
            let peer = try fixture.peer()
            for _ in 1...50 {
                let with = FastCGIRequest("GET", "/me", [("HTTP_AUTHORIZATION", "Bearer token")])
                #expect(try peer.exchange(with).status == 200)
                #expect(try peer.exchange(FastCGIRequest("/me")).status == 401)
            }
        }

        @Test("parameters in records of any size arrive the same")
        func paramsRecords() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            for size in 1...64 {
                var request = FastCGIRequest("POST", "/records", body: noise(40))
                request.paramsSize = size
                request.stdinSize = size
                request.padding = size % 9
                #expect(try peer.exchange(request).text.hasPrefix("POST /records  body=40"))
            }
            let first = try #require(fixture.journal.all.first)
            for seen in fixture.journal.all {
                #expect(seen.headers.fields.elementsEqual(first.headers.fields) { $0 == $1 })
                #expect(seen.body == first.body)
            }
        }

        @Test("a request cut into two writes at any byte arrives the same")
        func writes() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            let bytes = FastCGIRequest("POST", "/writes", body: noise(40)).bytes
            for offset in 1..<bytes.count {
                let seen = fixture.server.statistics.gathered
                try peer.send(Array(bytes[..<offset]))
                // The second write must not overtake the look at the first.
                #expect(waitUntil { fixture.server.statistics.gathered > seen })
                try peer.send(Array(bytes[offset...]))
                #expect(try peer.receive().text.hasPrefix("POST /writes  body=40"), "offset \(offset)")
            }
            #expect(fixture.server.statistics.requests == bytes.count - 1)
        }

        @Test("an answer of any size arrives whole", arguments: [0, 1, 8000, 8160, 8192, 65_535, 65_536, 3_000_000])
        func answerSizes(_ size: Int) throws {
            let fixture = try Fixture(application: { _ in .response(Response(.ok, body: noise(size))) })
            let peer = try fixture.peer()
            #expect(try peer.exchange(FastCGIRequest("/large")).body == noise(size))
            #expect(try peer.exchange(FastCGIRequest("/large")).body == noise(size))
        }
    }
}
