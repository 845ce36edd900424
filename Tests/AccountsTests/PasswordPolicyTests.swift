import Accounts
import Testing

@Suite("The password policy")
struct PasswordPolicyTests {
    let policy = PasswordPolicy()

    func refusal(_ password: String, _ policy: PasswordPolicy? = nil, email: String? = nil) throws -> PasswordRefusal? {
        let address = try email.map { try EmailAddress($0) }
        do throws(PasswordRefusal) {
            try (policy ?? self.policy).check(password, email: address)
            return nil
        } catch {
            return error
        }
    }

    @Test("asks for fifteen characters, counted in code points")
    func shortest() throws {
        #expect(try refusal("quiet lamp owl") == .tooShort(length: 14, minimum: 15))
        #expect(try refusal("quiet lamp owls") == nil)
        #expect(try refusal("ключ под ковром") == nil)
        #expect(try refusal("🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊") == .tooShort(length: 14, minimum: 15))
        #expect(try refusal("short", PasswordPolicy(minimumLength: 5)) == nil)
    }

    @Test("takes 72 bytes and not 73, and no NUL")
    func longest() throws {
        #expect(try refusal(String(repeating: "pq", count: 36)) == nil)
        #expect(try refusal(String(repeating: "pq", count: 36) + "x") == .tooLong(bytes: 73))
        #expect(try refusal(String(repeating: "ключ", count: 10)) == .tooLong(bytes: 80))
        #expect(try refusal("quiet lamp\0 owls") == .holdsNUL)
        #expect(try refusal("\0") == .holdsNUL)
    }

    @Test("asks for no mixture of characters and takes spaces as they are")
    func noComposition() throws {
        for password in ["aaaaaaaaaaaaaaaaaaaab", "               ", "  quiet lamp owls  ", "0123456789012345678"] {
            #expect(try refusal(password) == nil)
        }
    }

    @Test("refuses common passwords in any case, of every length that the policy lets through")
    func common() throws {
        #expect(try refusal("1qaz2wsx3edc4rfv") == .common)
        #expect(try refusal("FRIEND OF emily") == .common)
        let eight = PasswordPolicy(minimumLength: 8)
        for password in ["password", "PassWord", "trustno1", "\"zxcvbnm,./\"", "!qaz1qaz", "zzzzzzzz"] {
            #expect(try refusal(password, eight) == .common)
        }
        #expect(try refusal("trustno1trustno1|", eight) == nil)
        #expect(try refusal("password|password", eight) == nil)
        #expect(try refusal("password", PasswordPolicy(minimumLength: 8, refusesCommon: false)) == nil)
    }

    @Test("refuses the e-mail address and the name before its @")
    func email() throws {
        #expect(try refusal("Anna.Long.Name@Example.com", email: "anna.long.name@example.com") == .sameAsEmail)
        #expect(try refusal("anna.long.named", email: "Anna.Long.Named@example.com") == .sameAsEmail)
        #expect(try refusal("anna.long.name and more", email: "anna.long.name@example.com") == nil)
    }

    @Test("says why without repeating the password")
    func texts() throws {
        for password in ["quiet", "quiet\0", String(repeating: "quiet", count: 20), "1qaz2wsx3edc4rfv"] {
            let text = try #require(try refusal(password)).description
            #expect(!text.contains("quiet") && !text.contains("qaz"))
        }
    }
}
