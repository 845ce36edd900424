import System
import Testing

@testable import Accounts
@testable import Service
@testable import Tokens

@Suite("Who meets a requirement")
struct RequirementVerdictTests {
    private static let now = Moment(boot: 5_000_000_000_000, wall: 1_800_000_000)

    // MARK: Every combination

    private struct Person: CustomStringConvertible {
        let user: User
        let proof: Proof
        /// What the proof lets the user do; the age of the login, s.
        let scopes: Set<String>
        let age: Int64?

        var description: String { "\(user.email) \(user.groups) \(scopes) age \(age.map(String.init) ?? "-")" }
    }

    private enum Kind { case person, scope, age }

    /// A word, and who meets it by a rule that is not the code's.
    private struct Word: Sendable {
        let text: String
        let kind: Kind
        let isMet: @Sendable (Person) -> Bool

        /// Without the e-mails and ids that nginx's files have.
        var inJournal: String {
            let key = String(text.prefix { $0 != "=" })
            return key.hasSuffix("user") || key.hasSuffix("email") ? key : text
        }
    }

    private static func subsets(_ names: [String]) -> [[String]] {
        names.reduce([[]]) { sets, name in sets + sets.map { $0 + [name] } }
    }

    private static func claims(_ scopes: [String], age: Int64?) -> Claims {
        Claims(
            subject: .email("x@example.org"), version: 1, expires: .max, issued: age.map { now.wall - $0 },
            scope: scopes.joined(separator: " "), keyID: "k", isMigration: false)
    }

    private static func people() throws -> [Person] {
        var people: [Person] = []
        for (number, email) in ["anna@example.org", "bob@example.com", "anna@sub.example.org"].enumerated() {
            for groups in subsets(["ops", "web"]) {
                for scopes in subsets(["read", "write"]) {
                    let user = User(
                        id: UserID(high: 0x0102_0304_0506_4708, low: 0x8000_0000_0000_0000 | UInt64(number)),
                        email: try EmailAddress(email), name: "", isActive: true, scopes: scopes, groups: groups,
                        tokenVersion: 1, createdAt: 0, updatedAt: 0)
                    let proofs: [(Proof, [String], Int64?)] = [
                        (.accessToken(claims(scopes, age: 60)), scopes, 60),
                        (.accessToken(claims(["read", "admin"], age: 900)), scopes.filter { $0 == "read" }, 900),
                        (.accessToken(claims(scopes, age: 901)), scopes, 901),
                        (.accessToken(claims(scopes, age: nil)), scopes, nil),
                        (
                            .serviceToken(ServiceTokenProof(id: "7", scopes: ["write"])),
                            scopes.filter { $0 == "write" }, nil
                        ),
                        (.password(since: now.wall), scopes, 0), (.password(since: now.wall - 3600), scopes, 3600),
                    ]
                    people += proofs.map { Person(user: user, proof: $0.0, scopes: Set($0.1), age: $0.2) }
                }
            }
        }
        return people
    }

    private static let words: [Word] = [
        Word(text: "scope=read", kind: .scope) { $0.scopes.contains("read") },
        Word(text: "scope=write,admin", kind: .scope) { $0.scopes.contains("write") || $0.scopes.contains("admin") },
        Word(text: "scope=admin", kind: .scope) { $0.scopes.contains("admin") },
        Word(text: "!scope=write", kind: .person) { !$0.user.scopes.contains("write") },
        Word(text: "!scope=read,write", kind: .person) { $0.user.scopes.isEmpty },
        Word(text: "group=ops", kind: .person) { $0.user.groups.contains("ops") },
        Word(text: "group=web,none", kind: .person) { $0.user.groups.contains("web") },
        Word(text: "!group=ops,web", kind: .person) { $0.user.groups.isEmpty },
        Word(text: "user=anna@example.org", kind: .person) { $0.user.email.text == "anna@example.org" },
        Word(text: "!user=anna@example.org", kind: .person) { $0.user.email.text != "anna@example.org" },
        Word(text: "user=01020304-0506-4708-8000-000000000001,x@y.z", kind: .person) {
            $0.user.email.text == "bob@example.com"
        },
        Word(text: "email=*@example.org", kind: .person) { $0.user.email.text == "anna@example.org" },
        Word(text: "!email=*@example.com,anna@sub.example.org", kind: .person) {
            $0.user.email.text == "anna@example.org"
        },
        Word(text: "fresh=15m", kind: .age) { $0.age.map { $0 <= 900 } ?? false },
        Word(text: "limit=all", kind: .person) { _ in true },
        Word(text: "preflight", kind: .person) { _ in true },
    ]

    @Test("Every one, two and three words against every kind of user and proof: all must hold, by their own rule")
    func combinations() throws {
        let people = try Self.people()
        let indices = Self.words.indices
        var sets: [[Int]] = [[]] + indices.map { [$0] }
        for first in indices { for second in indices where second > first { sets.append([first, second]) } }
        for first in indices {
            for second in indices where second > first {
                for third in indices where third > second { sets.append([first, second, third]) }
            }
        }
        var met = 0
        for set in sets {
            let words = set.map { Self.words[$0] }
            let requirement = try Requirement.test(words.map { "/" + $0.text }.joined())
            for person in people {
                let failed = words.filter { !$0.isMet(person) }
                let unmet = requirement.unmet(by: person.user, person.proof, at: Self.now)
                let isRight: Bool
                if let word = failed.first(where: { $0.kind == .person }) {
                    isRight = unmet == .forbidden(word: word.inJournal)
                } else if let word = failed.first(where: { $0.kind == .scope }) {
                    isRight = unmet == .scope(word: word.text)
                } else {
                    isRight = unmet == (failed.isEmpty ? nil : .tooOld(maxAge: 900))
                }
                // One line for each fault, and none for the many that are right.
                if !isRight { Issue.record("\(requirement) \(person): \(unmet.map { "\($0)" } ?? "met")") }
                if failed.isEmpty { met += 1 }
            }
        }
        #expect(met > 1000 && met < sets.count * people.count / 2)
    }

    // MARK: Bytes

    private func unmet(_ tail: String, email: String = "anna@example.org", groups: [String] = []) throws -> Unmet? {
        let user = User(
            id: UserID(high: 1, low: 2), email: EmailAddress(stored: email), name: "", isActive: true, scopes: groups,
            groups: groups, tokenVersion: 1, createdAt: 0, updatedAt: 0)
        return try Requirement.test(tail).unmet(by: user, .password(since: Self.now.wall), at: Self.now)
    }

    @Test("Names are compared by bytes, case and all")
    func bytes() throws {
        #expect(try unmet("/group=K", groups: ["K"]) == nil)
        for name in ["\u{212a}", "k", "K\u{301}", "K ", " K", "K,", "KK", ""] {
            #expect(try unmet("/group=K", groups: [name]) != nil, "\(name)")
            #expect(try unmet("/scope=K", groups: [name]) != nil, "\(name)")
            #expect(try unmet("/!group=K", groups: [name]) == nil, "\(name)")
        }
    }

    @Test(
        "A domain is what stands behind the last @, whole: no part of it, nothing around it, whoever wrote the address",
        arguments: [
            ("anna@example.com", true), ("\"a@b\"@example.com", true), ("anna@sub.example.com", false),
            ("anna@badexample.com", false), ("anna@example.com.org", false), ("anna@example.com@evil.org", false),
            ("anna@example.co", false), ("example.com", false), ("anna@example.com ", false), ("", false),
            ("anna@EXAMPLE.com", false), ("@example.com", true),
        ])
    func domains(email: String, isOfDomain: Bool) throws {
        #expect(
            try unmet("/email=*@example.com", email: email)
                == (isOfDomain ? nil : .forbidden(word: "email")))
    }

    @Test("To the second: a login is fresh as long as it is not older, and one from a clock ahead is")
    func age() throws {
        let requirement = try Requirement.test("/fresh=1m")
        let user = try User.test()
        for (age, isFresh) in [(0, true), (59, true), (60, true), (61, false), (-5, true), (Int64.max / 2, false)]
            as [(Int64, Bool)]
        {
            let unmet = requirement.unmet(by: user, .password(since: Self.now.wall - age), at: Self.now)
            #expect(unmet == (isFresh ? nil : .tooOld(maxAge: 60)), "\(age)")
        }
    }
}
