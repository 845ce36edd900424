import Accounts
import Database
import Foundation
import Testing

@Suite("The photo store")
struct PhotoStoreTests {
    let accounts: TestAccounts
    let anna: UserID

    init() throws {
        accounts = try TestAccounts()
        anna = try accounts.add("anna@example.com")
        let seed = try String(contentsOfFile: migrationsDirectory + "/seed/photos.sql", encoding: .utf8)
        let connection = try Connection(accounts.settings)
        // As the quickstart runs it; twice does no harm.
        for _ in 1...2 { try connection.run(script: "SET @email = 'anna@example.com';\n" + seed) }
    }

    func titles(_ text: String) throws -> [String] { try accounts.photos.search(text).map(\.title) }

    @Test("shows a user all that is theirs, newest first, and nobody else's")
    func own() throws {
        let photos = try accounts.photos.photos(of: anna)
        #expect(photos.count == 6)
        #expect(photos.map(\.createdAt) == photos.map(\.createdAt).sorted(by: >))
        #expect(photos.first?.title == "First steps" && photos.first?.kind == .video && photos.first?.isPublic == false)
        #expect(photos.last?.contentType == "image/jpeg" && photos.last?.bytes == 2_417_731)
        #expect(photos.last?.createdAt == 1_777_614_000)
        #expect(try accounts.photos.photos(of: accounts.add("bo@example.com")) == [])
        #expect(try accounts.photos.photos(of: anna, limit: 2).map(\.title) == ["First steps", "Family dinner"])
    }

    @Test("finds parts of public titles, in any case, and never a private one")
    func search() throws {
        #expect(try titles("HARB") == ["Ferry leaving the harbour", "Café in the old harbour", "Harbour at dawn"])
        #expect(try titles("dinner") == [])
        #expect(try titles("").count == 4)
        #expect(try titles("nothing like it") == [])
        #expect(try accounts.photos.search("harbour", limit: 1).count == 1)
    }

    @Test("takes LIKE's own characters as they are")
    func escaping() throws {
        #expect(try titles("100 %") == ["Gulls, 100 % zoom"])
        for text in ["%", "_", "!", "\\", "h%r", "_arbour", "'", "' OR 1=1 -- "] where text != "%" {
            #expect(try titles(text) == [])
        }
        #expect(try titles("%") == ["Gulls, 100 % zoom"])
    }

    @Test("refuses a text longer than any title")
    func tooLong() throws {
        #expect(throws: AccountsError.self) { try accounts.photos.search(String(repeating: "x", count: 201)) }
        #expect(try titles(String(repeating: "é", count: 200)) == [])
    }
}
