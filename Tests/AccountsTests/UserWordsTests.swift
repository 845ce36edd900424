import Accounts
import Database
import Synchronization
import System
import TestDatabase
import Testing

@Suite("Scopes and groups of a user")
struct UserWordsTests {
    let accounts: TestAccounts
    let anna: UserID
    var users: UserStore { accounts.users }

    init() throws {
        accounts = try TestAccounts()
        anna = try accounts.add("anna@x")
    }

    func user() throws -> User { try #require(try users.find(id: anna)) }

    @Test("are added once, in order, and told apart by their bytes")
    func added() throws {
        #expect(try users.add(["ops", "staff", "ops"], to: .groups, of: anna) == ["ops", "staff"])
        #expect(try users.add(["staff", "OPS", "web"], to: .groups, of: anna) == ["OPS", "web"])
        #expect(try users.add(["ops"], to: .groups, of: anna) == [])
        #expect(try user().groups == ["ops", "staff", "OPS", "web"])
        #expect(try user().scopes == [])
        #expect(try users.add(["read:all"], to: .scopes, of: anna) == ["read:all"])
        #expect(try user().scopes == ["read:all"] && user().tokenVersion == 1)
    }

    @Test("are removed where they are there, and nothing like them is")
    func removed() throws {
        _ = try users.add(["K", "ops", "staff"], to: .groups, of: anna)
        _ = try users.add(["ops"], to: .scopes, of: anna)
        // The Kelvin sign is K to Swift's own comparison.
        #expect(try users.remove(["\u{212a}", "Ops", "op", ""], from: .groups, of: anna) == [])
        #expect(try users.remove(["staff", "K", "K", "web"], from: .groups, of: anna) == ["K", "staff"])
        #expect(try user().groups == ["ops"] && user().scopes == ["ops"])
        #expect(try users.remove(["ops"], from: .groups, of: anna) == ["ops"])
        #expect(try users.remove(["ops"], from: .groups, of: anna) == [])
        #expect(try user().groups == [])
    }

    @Test("cannot hold what separates them, and a refused word changes nothing")
    func invalid() throws {
        _ = try users.add(["ops"], to: .groups, of: anna)
        for word in [
            "", "two words", "a,b", "a/b", "a\"b", "a\\b", "é", "a\u{7f}", "a\nb", String(repeating: "x", count: 1001),
        ] {
            #expect(throws: AccountsError.self) { try users.add(["web", word], to: .groups, of: anna) }
        }
        // With the space between they are 1001 bytes together.
        _ = try users.add([String(repeating: "x", count: 995)], to: .groups, of: anna)
        #expect(throws: AccountsError.self) { try users.add(["y"], to: .groups, of: anna) }
        #expect(try users.remove(["ops"], from: .groups, of: anna) == ["ops"])
        #expect(try users.add(["y"], to: .groups, of: anna) == ["y"])
    }

    @Test("written by hand in another form stay as they are until somebody changes them, and can go")
    func byHand() throws {
        try accounts.pool.execute("UPDATE users SET `groups` = ' a,b  ops ' WHERE id = ?", [.text("\(anna)")])
        #expect(try users.add(["web"], to: .groups, of: anna) == ["web"])
        #expect(try user().groups == ["a,b", "ops", "web"])
        #expect(try users.remove(["a,b"], from: .groups, of: anna) == ["a,b"])
        #expect(try user().groups == ["ops", "web"])
    }

    @Test("of nobody are not found")
    func nobody() throws {
        #expect(throws: AccountsError.notFound) { try users.add(["ops"], to: .groups, of: accounts.id()) }
        #expect(throws: AccountsError.notFound) { try users.remove(["ops"], from: .groups, of: accounts.id()) }
    }

    @Test("changed by several at once lose none")
    func together() throws {
        let threads = try (0..<4).map { thread in
            try Threads.start("words") {
                do {
                    for number in 0..<20 {
                        _ = try users.add(["g\(thread).\(number)"], to: .groups, of: anna)
                        if number % 2 == 1 { _ = try users.remove(["g\(thread).\(number)"], from: .groups, of: anna) }
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        for thread in threads { thread.join() }
        let expected = (0..<4).flatMap { thread in stride(from: 0, to: 20, by: 2).map { "g\(thread).\($0)" } }
        #expect(try Set(user().groups) == Set(expected))
    }
}
