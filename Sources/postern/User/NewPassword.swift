import Accounts
import Cryptography
import Service
import System

/// A password that is to be set: read or made, checked against the policy, then hashed.
struct NewPassword {
    /// Characters that nobody takes for another: no 0 and o, no 1 and l. Thirty-two, so that five bits pick one.
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
    private static let longestLine = 4096

    let text: String
    /// Made here, and so to be shown once.
    let isGenerated: Bool

    /// The password for `email`, from where the option says.
    init(_ option: PasswordOption, for email: EmailAddress?, _ settings: Settings) throws {
        let policy = NewPassword.policy(settings)
        if option.isGenerated {
            text = try NewPassword.generate(minimumLength: settings.passwords.minLength)
            isGenerated = true
        } else {
            text = option.isFromStandardInput ? try NewPassword.readLine() : try NewPassword.ask()
            isGenerated = false
        }
        try policy.check(text, email: email)
    }

    /// Takes about a quarter of a second at the default cost.
    func hash(_ settings: Settings) throws -> String {
        try PasswordHash.bcrypt(SecretBytes(Array(text.utf8)), cost: settings.passwords.bcryptCost)
    }

    /// What is printed once; nil for a password that the caller knows.
    var shown: String? { isGenerated ? text : nil }

    static func policy(_ settings: Settings) -> PasswordPolicy {
        PasswordPolicy(
            minimumLength: settings.passwords.minLength, refusesCommon: settings.passwords.refuseCommon)
    }

    /// Groups of five, at least a hundred random bits: "k7wma-xxqen-3vh2p-c9rtd".
    static func generate(minimumLength: Int) throws -> String {
        let groups = max(4, (minimumLength + 6) / 6)
        let letters = try randomBytes(groups * 5).map { alphabet[Int($0 & 31)] }
        return stride(from: 0, to: letters.count, by: 5).map { String(letters[$0..<$0 + 5]) }.joined(separator: "-")
    }

    private static func readLine() throws -> String {
        try text(StandardStreams.readLine(limit: longestLine) ?? [])
    }

    private static func ask() throws -> String {
        guard StandardStreams.inputIsTerminal else {
            throw Failure(
                "there is no terminal to ask for the password. Cure: --password-stdin or --generate",
                status: ExitStatus.unusable)
        }
        let first = try text(StandardStreams.readPassword(prompt: "Password: ") ?? [])
        let second = try text(StandardStreams.readPassword(prompt: "The same again: ") ?? [])
        guard first.utf8.elementsEqual(second.utf8) else {
            throw Failure("the two passwords differ; nothing was changed")
        }
        return first
    }

    private static func text(_ bytes: [UInt8]) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure("the password is not UTF-8") }
        return text
    }
}
