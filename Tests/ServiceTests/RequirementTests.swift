import HTTP
import System
import Testing
import Tokens

@testable import Accounts
@testable import Service

/// Rules with the limits `downloads` and `all` beside those that are always there.
let testRules: RateRules = {
    var limits = Settings.Limits()
    limits.named["downloads"] = RateLimit("2/minute", per: .user)
    limits.named["all"] = RateLimit("3/minute", per: .user)
    return RateRules(limits)
}()

extension Requirement {
    /// - Parameter tail: what stands behind "/postern/auth".
    static func test(_ tail: String) throws(RequirementFault) -> Requirement {
        try Requirement(path: "/postern/auth" + tail, rules: testRules)
    }
}

@Suite("The words of a requirement")
struct RequirementTests {
    @Test(
        "Each word is read, and printed as it was written or in its normal form",
        arguments: [
            ("", nil), ("/scope=read", nil), ("/scope=a,b/scope=c", nil), ("/!scope=a,b", nil), ("/group=ops,web", nil),
            ("/!group=ops", nil), ("/user=anna@example.org", nil), ("/!user=anna@example.org,bob@example.org", nil),
            ("/user=01020304-0506-4708-8000-000000000001", nil), ("/email=anna@example.org,*@example.com", nil),
            ("/!email=*@example.com", nil), ("/fresh=15m", nil), ("/fresh=1s", nil), ("/fresh=30d", nil),
            ("/limit=downloads/limit=all", nil), ("/limit=api", nil), ("/preflight", nil),
            ("/group=ops/fresh=2h/limit=all/preflight/!scope=x", nil), ("/scope=a=b", nil), ("/group=a!b*c", nil),
            ("/email=jürgen@bücher.example", nil), ("/scope=%2e", nil),
            // The stored form of an e-mail: ASCII in lower case, and composed.
            ("/email=*@EXAMPLE.com", "/email=*@example.com"), ("/user=Anna@Example.Org", "/user=anna@example.org"),
            ("/email=ju\u{308}rgen@example.org", "/email=jürgen@example.org"),
            ("/user=0102030A-0506-4708-8000-00000000000B", "/user=0102030a-0506-4708-8000-00000000000b"),
            ("/fresh=60s", "/fresh=1m"), ("/fresh=024h", "/fresh=1d"),
        ] as [(String, String?)])
    func good(tail: String, printed: String?) throws {
        let requirement = try Requirement.test(tail)
        #expect(requirement.description.utf8.elementsEqual(("/postern/auth" + (printed ?? tail)).utf8))
    }

    @Test(
        "Whatever else stands there is a fault that names the word and what is wrong with it",
        arguments: [
            ("/scpe=ops", "scpe=ops", "unknown requirement (scope, group, user, email, fresh, limit, preflight); did"),
            ("/scpe=ops", "scpe=ops", "did you mean scope?"), ("/ops", "ops", "unknown requirement"),
            ("/Scope=ops", "Scope=ops", "did you mean scope?"), ("/=ops", "=ops", "unknown requirement"),
            ("/!", "!", "unknown requirement"), ("/!!scope=a", "!!scope=a", "unknown requirement"),
            ("/ scope=a", " scope=a", "unknown requirement"), ("/scope\u{301}=a", "scope\u{301}=a", "unknown"),
            ("/\u{212a}", "\u{212a}", "unknown requirement"), ("//scope=a", "", "a slash too many"),
            ("/scope=a//scope=b", "", "a slash too many"), ("/scope=a/", "", "a slash too many"),
            ("/scope", "scope", "scope= needs a value"), ("/scope=", "scope=", "scope= needs a value"),
            ("/!group=", "!group=", "group= needs a value"), ("/scope=a,,b", "scope=a,,b", "an empty name"),
            ("/scope=,a", "scope=,a", "an empty name"), ("/scope=a,", "scope=a,", "an empty name"),
            ("/scope=,", "scope=,", "an empty name"), ("/scope=a b", "scope=a b", "printable ASCII"),
            ("/scope=a\"", "scope=a\"", "printable ASCII"), ("/group=é", "group=é", "printable ASCII"),
            ("/group=a\u{0}", "group=a\u{0}", "printable ASCII"), ("/group=\u{212a}", "group=\u{212a}", "printable"),
            ("/user=anna", "user=anna", "neither an e-mail address nor the id"),
            ("/user=*@example.com", "user=*@example.com", "user= takes no *"),
            ("/user=a@b@c", "user=a@b@c", "neither an e-mail"), ("/user=a@b,bob", "user=a@b,bob", "\"bob\" is neither"),
            ("/email=anna", "email=anna", "neither an e-mail address nor *@"), ("/email=*", "email=*", "* stands for"),
            ("/email=*@", "email=*@", "neither"), ("/email=@example.com", "email=@example.com", "neither"),
            ("/email=*@*.com", "email=*@*.com", "* stands for"), ("/email=a*@b.c", "email=a*@b.c", "* stands for"),
            ("/email=**@b.c", "email=**@b.c", "* stands for"), ("/email=*@a@b", "email=*@a@b", "neither"),
            ("/email=example.com", "email=example.com", "neither"),
            ("/fresh=0s", "fresh=0s", "no time from 1s to 30d"), ("/fresh=31d", "fresh=31d", "no time from 1s to 30d"),
            ("/fresh=15", "fresh=15", "no time"), ("/fresh=m", "fresh=m", "no time"), ("/fresh=-1m", "fresh=-1m", "no"),
            ("/fresh=1.5h", "fresh=1.5h", "no time"), ("/fresh=1h30m", "fresh=1h30m", "no time"),
            ("/fresh=15m,1h", "fresh=15m,1h", "no time"), ("/fresh=9999999s", "fresh=9999999s", "no time"),
            ("/fresh=1m/fresh=1m", "fresh=1m", "a second fresh="), ("/fresh=1m/fresh=2m", "fresh=2m", "a second"),
            ("/!fresh=1m", "!fresh=1m", "fresh= cannot be turned round"),
            ("/!limit=all", "!limit=all", "limit= cannot be turned round"),
            ("/!preflight", "!preflight", "preflight cannot be turned round"),
            ("/preflight=1", "preflight=1", "preflight takes no value"),
            ("/preflight=", "preflight=", "preflight takes no value"),
            ("/limit=all,api", "limit=all,api", "no limit of this name"), ("/limit=al", "limit=al", "no limit of this"),
            ("/limit=login", "limit=login", "is for logins alone"),
        ])
    func faults(tail: String, word: String, reason: String) {
        let fault = #expect(throws: RequirementFault.self) { try Requirement.test(tail) }
        #expect(fault?.word == word)
        #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "")")
    }

    @Test("Another path is none, and one that nginx could not have is not read; the fault stays short")
    func paths() {
        for path in ["", "/", "/postern", "/postern/authx", "/postern/auth2/scope=a", "postern/auth", "/POSTERN/auth"] {
            #expect(throws: RequirementFault.self) { try Requirement(path: path, rules: testRules) }
        }
        let names = String(repeating: "a,", count: 3000) + "a"
        let fault = #expect(throws: RequirementFault.self) { try Requirement.test("/scope=" + names) }
        #expect(fault?.reason == "is longer than 4096 bytes")
        #expect(fault.map { $0.word.utf8.count < 210 } == true)
    }

    @Test("A limit that stands there twice is charged once; scopes for the challenge are those that are wanted")
    func sums() throws {
        let requirement = try Requirement.test("/limit=all/scope=a,b/limit=all/!scope=x/scope=b,c/limit=downloads")
        #expect(requirement.limits.map(\.name) == ["all", "downloads"])
        #expect(requirement.scopes == ["a", "b", "c"])
        #expect(requirement.maxAge == nil && !requirement.allowsPreflight)
        #expect(try Requirement.test("/fresh=2h/preflight").maxAge == 7200)
        #expect(try Requirement.test("/fresh=2h/preflight").allowsPreflight)
    }
}
