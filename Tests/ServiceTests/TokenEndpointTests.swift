import HTTP
import Testing
import Tokens

@testable import Service

@Suite("The token endpoint's refusals of a request")
struct TokenEndpointTests {
    private func post(_ body: String, type: String = "application/x-www-form-urlencoded") async throws -> Response {
        var request = Request.test("POST", "/token")
        request.contentType = type
        request.body = Array(body.utf8)
        return await (try TestWorker()).send(request)
    }

    @Test(
        "are worded as RFC 6749 section 5.2 asks",
        arguments: [
            ("username=a%40example.org&password=x", "invalid_request"),
            ("grant_type=password&username=a%40example.org", "invalid_request"),
            ("grant_type=password&grant_type=password&username=a%40example.org&password=x", "invalid_request"),
            ("grant_type=password&username=%zz&password=x", "invalid_request"), ("", "invalid_request"),
            ("grant_type=client_credentials", "unsupported_grant_type"),
        ])
    func wording(body: String, error: String) async throws {
        let response = try await post(body)
        #expect(response.status == .badRequest)
        #expect(response.header(.contentType) == "application/json")
        #expect(response.header(.cacheControl) == "no-store")
        #expect(try response.json["error"]?.string == error)
        #expect(try response.json["error_description"]?.string != nil)
    }

    @Test("are for other types of content too", arguments: ["", "application/json", "text/plain"])
    func otherType(type: String) async throws {
        let response = try await post(#"{"grant_type":"password"}"#, type: type)
        #expect(response.status == .badRequest)
        #expect(try response.json["error"]?.string == "invalid_request")
    }
}
