import FastCGI
import HTTP
import TestKit
import Testing

extension FastCGITests {
    @Suite("Authorizer")
    struct AuthorizerTests {
        private var request: FastCGIRequest {
            var request = FastCGIRequest("POST", "/wp-admin/")
            request.role = FastCGI.RoleNumber.authorizer
            request.set("CONTENT_LENGTH", "500000")
            request.set("POSTERN_ROLE", "api")
            return request
        }

        private func sees(_ request: FastCGIRequest) throws -> Request {
            let fixture = try Fixture()
            #expect(try fixture.peer().exchange(request).status == 200)
            return try #require(fixture.journal.all.first)
        }

        @Test("it is always the check of the usual path and has no body, whatever the parameters say")
        func check() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            try peer.send(request.head)
            #expect(try peer.receive().status == 200)
            let seen = try #require(fixture.journal.all.first)
            #expect(seen.isAuthorizer && seen.role == .check && seen.method == "POST")
            #expect(seen.path == "/postern/auth" && seen.requirement.isEmpty)
            #expect(seen.isBodyWhole && seen.body.isEmpty && seen.contentLength == 0)
        }

        @Test(
            "its path is the requirement, as it came; an empty one is none",
            arguments: ["/postern/auth/limit=downloads", "/postern/auth/", "limit=x", "/me", ""])
        func requirement(_ text: String) throws {
            var request = request
            request.set("POSTERN_REQUIREMENT", text)
            let seen = try sees(request)
            #expect(seen.role == .check && seen.requirement == text)
            #expect(seen.path == (text.isEmpty ? "/postern/auth" : text))
        }

        @Test("a client's header of the requirement's name is a header; the requirement twice is refused")
        func forgedRequirement() throws {
            var request = request
            request.parameters.append(("HTTP_POSTERN_REQUIREMENT", "/postern/auth/x"))
            let seen = try sees(request)
            #expect(seen.path == "/postern/auth" && seen.headers["postern-requirement"] == "/postern/auth/x")
            request.parameters += [("POSTERN_REQUIREMENT", "/postern/auth"), ("POSTERN_REQUIREMENT", "/postern/auth")]
            let fixture = try Fixture()
            #expect(try fixture.isClosedUnanswered(request.bytes))
            #expect(fixture.server.statistics.refused[.repeatedName] == 1)
        }

        @Test("who the request belongs to already is known of an Authorizer's alone")
        func remoteUser() throws {
            var request = request
            request.set("REMOTE_USER", "anna")
            request.set("HTTP_REMOTE_USER", "root")
            #expect(try sees(request).remoteUser == "anna")
            request.role = FastCGI.RoleNumber.responder
            request.set("CONTENT_LENGTH", "")
            #expect(try sees(request).remoteUser.isEmpty)
        }

        @Test("a Responder has no requirement", arguments: ["check", "api", "denied"])
        func responder(_ role: String) throws {
            var request = FastCGIRequest("/postern/auth/limit=downloads")
            request.set("POSTERN_ROLE", role)
            request.set("POSTERN_REQUIREMENT", "/postern/auth")
            let seen = try sees(request)
            #expect(!seen.isAuthorizer && seen.requirement.isEmpty)
            #expect(seen.role == Role(rawValue: role) && seen.path == "/postern/auth/limit=downloads")
        }

        @Test("an empty STDIN may follow, with the PARAMS or after the answer")
        func stdin() throws {
            let fixture = try Fixture()
            let kept = try fixture.peer()
            for _ in 1...3 {
                try kept.send(request.bytes)
                #expect(try kept.receive().status == 200)
            }
            let late = try fixture.peer()
            try late.send(request.head)
            #expect(try late.receive().status == 200)
            try late.send(FastCGI.endOf(5))
            #expect(try late.receiveUntilClosed().isEmpty)
            #expect(fixture.server.statistics.accepted == 2)
            #expect(fixture.server.statistics.requests == 4)
            #expect(fixture.server.statistics.refused.isEmpty)
        }

        @Test("split in two at any byte it is one request with one answer, with an empty STDIN and without")
        func split() throws {
            let fixture = try Fixture()
            var request = request
            request.parameters = [("POSTERN_REQUIREMENT", "/postern/auth/limit=x"), ("CONTENT_LENGTH", "7")]
            for bytes in [request.head, request.bytes] {
                for count in 1..<bytes.count {
                    let peer = try fixture.peer()
                    try peer.send(Array(bytes[..<count]))
                    // Of the whole head the answer comes at once, and what follows is thrown away.
                    if count < request.head.count {
                        #expect(waitUntil { fixture.server.statistics.gathering == 1 }, "\(count) bytes")
                    }
                    try peer.send(Array(bytes[count...]))
                    #expect(try peer.receive().status == 200, "\(count) bytes")
                }
            }
            #expect(fixture.journal.all.count == request.head.count - 1 + request.bytes.count - 1)
            #expect(fixture.journal.all.allSatisfy { $0.path == "/postern/auth/limit=x" && $0.body.isEmpty })
            #expect(fixture.server.statistics.refused.isEmpty)
        }

        @Test("a body is refused where it comes with the head, and never parsed where it comes later")
        func body() throws {
            let fixture = try Fixture()
            var request = request
            request.set("CONTENT_LENGTH", "5")
            let body = FastCGI.record(5, Array("hello".utf8)) + FastCGI.endOf(5)
            #expect(try fixture.isClosedUnanswered(request.head + body))
            #expect(fixture.server.statistics.refused[.bodyLength] == 1 && fixture.journal.all.isEmpty)
            let peer = try fixture.peer()
            try peer.send(request.head)
            #expect(try peer.receive().status == 200)
            try peer.send(body + FastCGIRequest("/behind").bytes)
            #expect(try peer.receiveUntilClosed().isEmpty)
            #expect(fixture.journal.paths == ["/postern/auth"])
        }
    }
}
