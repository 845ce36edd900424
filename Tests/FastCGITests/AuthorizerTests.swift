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

        @Test("it is always the check, has no path and no body")
        func check() throws {
            let fixture = try Fixture()
            let peer = try fixture.peer()
            try peer.send(request.head)
            #expect(try peer.receive().status == 200)
            let seen = try #require(fixture.journal.all.first)
            #expect(seen.role == .check && seen.path.isEmpty && seen.method == "POST")
            #expect(seen.isBodyWhole && seen.body.isEmpty && seen.contentLength == 0)
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
            #expect(fixture.server.statistics.requests == 4)
            #expect(fixture.server.statistics.refused.isEmpty)
        }
    }
}
