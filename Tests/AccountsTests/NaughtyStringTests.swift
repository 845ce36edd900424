import Accounts
import Foundation
import Testing

/// The big list of naughty strings (Max Woolf, MIT): SQL injection, Unicode of every kind, terminal sequences.
@Suite("Naughty strings")
struct NaughtyStringTests {
    let accounts: TestAccounts
    let strings: [String]

    init() throws {
        accounts = try TestAccounts()
        let url = try #require(
            Bundle.module.url(forResource: "naughty-strings", withExtension: "json", subdirectory: "Vectors"))
        strings = try JSONDecoder().decode([String].self, from: Data(contentsOf: url))
    }

    @Test("as e-mail are refused, or stored and found again alone")
    func emails() throws {
        try #require(strings.count > 500)
        var stored: [EmailAddress: UserID] = [:]
        for text in strings + strings.map({ $0 + "@example.com" }) {
            guard let email = try? EmailAddress(text) else { continue }
            #expect(try accounts.users.find(email: email)?.id == stored[email])
            if stored[email] == nil { stored[email] = try accounts.add(email.text) }
        }
        #expect(stored.count > 100)
        for (email, id) in stored {
            #expect(try accounts.users.credentials(email: email, network: "::/64")?.user.id == id)
        }
        #expect(try accounts.users.list().count == stored.count)
    }

    @Test("as names and search texts come back as they were")
    func names() throws {
        var number = 0
        for text in strings {
            let id = accounts.id()
            number += 1
            let email = try EmailAddress("user\(number)@example.com")
            // Names with control characters are refused, and nothing else is.
            let isRefused = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
            let user = NewUser(id: id, email: email, name: text, passwordHash: "$2b$")
            if isRefused {
                #expect(throws: AccountsError.self) { try accounts.users.add(user) }
                continue
            }
            if text.unicodeScalars.count > 200 { continue }
            try accounts.users.add(user)
            let name = try #require(try accounts.users.find(id: id)).name
            #expect(Array(name.utf8) == Array(text.utf8))
            #expect(try accounts.users.list(UserFilter(text: text)).contains { $0.id == id })
        }
    }

    @Test("as search texts find what holds them and break nothing")
    func searches() throws {
        for text in strings where text.unicodeScalars.count <= PhotoStore.maximumSearchLength {
            #expect(try accounts.photos.search(text) == [])
        }
    }
}
