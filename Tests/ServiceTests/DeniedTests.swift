import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

extension Request {
    /// A browser that opens a page.
    var fromBrowser: Request {
        var request = self
        request.headers.append(name: "sec-fetch-mode", value: "navigate")
        request.headers.append(name: "accept", value: "text/html,application/xhtml+xml,*/*;q=0.8")
        return request
    }
}

@Suite("What a client is told when a check said no")
struct DeniedTests {
    private let worker: TestWorker

    init() throws { worker = try TestWorker() }

    private static let details: [(detail: String, status: Status)] = [
        ("code=unauthorized", .unauthorized), ("code=invalid_token", .unauthorized),
        ("code=invalid_credentials", .unauthorized), ("code=login_too_old&max_age=900", .unauthorized),
        ("code=login_too_old", .unauthorized), ("code=invalid_request", .badRequest), ("code=forbidden", .forbidden),
        ("code=insufficient_scope&scope=read%20write", .forbidden), ("code=insufficient_scope", .forbidden),
        (
            "code=rate_limited&retry=12&policy=%22a%22%3Bq%3D1%3Bw%3D60&state=%22a%22%3Br%3D0%3Bt%3D12&violated=a",
            .tooManyRequests
        ), ("code=unavailable&retry=3", .serviceUnavailable), ("", .forbidden),
    ]

    // MARK: Page and JSON

    @Test(
        "A page says the same as the JSON, with its status and all its fields, and names the request",
        arguments: details)
    func page(detail: String, status: Status) async throws {
        let json = await worker.send(.denied(detail))
        let page = await worker.send(.denied(detail).fromBrowser)
        #expect(json.status == status && page.status == status)
        #expect(json.header(.contentType) == "application/problem+json")
        #expect(page.header(.contentType) == "text/html; charset=utf-8")
        func fields(_ response: Response) -> [String] {
            response.headers.filter { $0.name != .contentType && $0.name != .contentSecurityPolicy }
                .map { "\($0.name.text): \($0.value.text)" }.sorted()
        }
        #expect(fields(json) == fields(page))
        #expect(page.header(.contentSecurityPolicy) == "default-src 'none'")
        #expect(page.header(.cacheControl) == "no-store" && page.header(.vary) == "Accept, Sec-Fetch-Mode")
        #expect(page.header(.proxyStatus) == "postern;error=http_request_denied")
        #expect(page.text.hasPrefix("<!DOCTYPE html>\n"))
        #expect(page.text.contains("<h1>\(status.rawValue) \(status.phrase)</h1>"))
        #expect(page.text.contains("<code>\(TestWorker.trace)</code>"))
        #expect(page.text.components(separatedBy: "<p>").count == 3)
    }

    @Test("Nothing that the client sends stands in a page, and what a check wrote is escaped")
    func escaped() async throws {
        var request = Request.denied("code=insufficient_scope&scope=%3Cscript%3E%26%22'").fromBrowser
        request.target = "/ops/<b>?x=<i>"
        request.path = "/ops/<b>"
        request.query = "x=<i>"
        request.headers.append(name: "host", value: "<u>")
        let page = await worker.send(request)
        #expect(page.text.contains("&lt;script&gt;&amp;&quot;&#39;"))
        for part in ["<script", "<b>", "<i>", "<u>"] { #expect(!page.text.contains(part)) }
        #expect(page.header(.wwwAuthenticate)?.hasSuffix(#"scope="<script>&\"'""#) == true)
    }

    @Test(
        "A browser that opens a page gets a page; scripts, pictures and programs get JSON",
        arguments: [
            (["sec-fetch-mode": "navigate"], true), (["sec-fetch-mode": "navigate", "accept": "*/*"], true),
            (["sec-fetch-mode": "cors", "accept": "text/html"], false), (["sec-fetch-mode": "no-cors"], false),
            (["sec-fetch-mode": ""], false), (["accept": "text/html"], true), (["accept": "TEXT/HTML;q=0.1"], true),
            (["accept": "application/json, text/html ; level=1"], true), (["accept": "*/*"], false), ([:], false),
            (["accept": "text/*"], false), (["accept": "text/html;q=0"], false),
            (["accept": "text/html; q=0.00"], false),
            (["accept": "text/htmlx"], false), (["accept": "application/xhtml+xml"], false), (["accept": ""], false),
            (["accept": "image/avif,image/webp,*/*;q=0.8"], false), (["accept": ",,;,"], false),
        ])
    func navigation(fields: [String: String], isPage: Bool) async {
        var request = Request.denied("code=forbidden")
        for (name, value) in fields { request.headers.append(name: name, value: value) }
        let response = await worker.send(request)
        #expect((response.header(.contentType) == "text/html; charset=utf-8") == isPage)
    }

    @Test("A second Accept field is looked at too, and HEAD has the fields of GET without the page")
    func repeated() async {
        var request = Request.denied("code=forbidden")
        request.headers.append(name: "accept", value: "image/png")
        request.headers.append(name: "accept", value: "text/html")
        let get = await worker.send(request)
        request.method = "HEAD"
        let head = await worker.send(request)
        #expect(get.header(.contentType) == "text/html; charset=utf-8" && !get.body.isEmpty)
        #expect(head.body.isEmpty && head.headers.map(\.value) == get.headers.map(\.value))
    }

    // MARK: Challenges

    @Test("Each refusal has the challenge of its standard")
    func challenges() async throws {
        func challenge(_ detail: String) async -> String? {
            await worker.send(.denied(detail)).header(.wwwAuthenticate)
        }
        let bearer = "Bearer realm=\"postern\""
        #expect(await challenge("code=unauthorized") == bearer)
        #expect(await challenge("code=invalid_credentials") == bearer)
        #expect(await challenge("code=invalid_token")?.hasPrefix(bearer + ", error=\"invalid_token\"") == true)
        let scope = await challenge("code=insufficient_scope&scope=a%20b")
        #expect(scope == bearer + ", error=\"insufficient_scope\", scope=\"a b\"")
        let old = try #require(await challenge("code=login_too_old&max_age=900"))
        #expect(old.hasPrefix(bearer + ", error=\"insufficient_user_authentication\", "))
        #expect(old.hasSuffix(", max_age=\"900\""))
        #expect(await challenge("code=forbidden") == nil)
        #expect(await challenge("code=rate_limited") == nil)
        #expect(await challenge("code=unavailable") == nil)
    }

    @Test("The JSON names scopes and age for a program")
    func members() async throws {
        let scope = try await worker.send(.denied("code=insufficient_scope&scope=a%20b")).json
        #expect(scope["code"]?.string == "insufficient_scope" && scope["scope"]?.string == "a b")
        let old = try await worker.send(.denied("code=login_too_old&max_age=900")).json
        #expect(old["code"]?.string == "login_too_old" && old["max_age"]?.integer == 900)
        #expect(old["message"]?.string?.contains("no older than 15 minutes") == true)
    }

    @Test("Where locations take passwords a 401 has a second challenge, in a field of its own; the API has one")
    func basic() throws {
        let both = Authentication(realm: "a \"b\"", takesBasic: true)
        let bearer = #"Bearer realm="a \"b\"""#
        let basic = #"Basic realm="a \"b\"", charset="UTF-8""#
        func challenges(_ problem: Problem) -> [String] {
            problem.headers.filter { $0.name == .wwwAuthenticate }.map(\.value.text)
        }
        #expect(challenges(both.problem(.noCredential, at: .gate)) == [bearer, basic])
        #expect(challenges(both.problem(.wrongPassword(reason: "x"), at: .gate)) == [bearer, basic])
        #expect(challenges(both.problem(.refused(reason: ""), at: .gate)).last == basic)
        #expect(challenges(both.tooOld(maxAge: 60)).last == basic)
        #expect(challenges(both.problem(.noCredential, at: .api)) == [bearer])
        // Another login would not help.
        #expect(challenges(both.insufficientScope("a")).count == 1)
        #expect(challenges(both.problem(.repeatedCredential, at: .gate)).count == 1)
        let one = Authentication(realm: "x")
        #expect(challenges(one.problem(.noCredential, at: .gate)).count == 1)
        #expect(Authentication.Place(.check) == .gate && Authentication.Place(.denied) == .gate)
        #expect(Authentication.Place(.api) == .api && Authentication.Place(nil) == .api)
        let page = DeniedWording(authentication: both).response(
            RefusalDetail(.unauthorized), RequestContext(Request.denied("").fromBrowser, at: .now()))
        #expect(page.headers.filter { $0.name == .wwwAuthenticate }.map(\.value.text) == [bearer, basic])
    }

    @Test("A detail says the same when it is read as when it was written; what is too long goes, the code stays")
    func detail() {
        var detail = RefusalDetail(.insufficientScope)
        detail.scope = "a b%&=+é"
        detail.maxAge = 900
        detail.policy = "\"a\";q=1;w=60"
        #expect(RefusalDetail(parsing: detail.field.text) == detail)
        detail.policy = String(repeating: "x", count: 2000)
        let withoutLimits = RefusalDetail(parsing: detail.field.text)
        #expect(withoutLimits.policy.isEmpty && withoutLimits.scope == detail.scope)
        detail.scope = String(repeating: "é", count: 600)
        let bare = RefusalDetail(parsing: detail.field.text)
        #expect(bare.code == .insufficientScope && bare.scope.isEmpty && bare.maxAge == 900)
    }
}
