import System
import Testing

@testable import Cryptography

@Suite("Hashes in other processes")
struct HashProcessesTests {
    private static let phrase = SecretBytes(Array("correct horse".utf8))
    private static let setting = Array("$2b$04$abcdefghijklmnopqrstuu".utf8)

    @Test("A question carries setting and phrase, whatever bytes they have")
    func question() throws {
        let phrases: [[UInt8]] = [[], [0], [1, 0, 255], Array(repeating: 7, count: Crypt.longestPhrase)]
        for phrase in phrases {
            var message = HashMessage.question(SecretBytes(phrase), setting: Self.setting)
            #expect(message.count <= HashMessage.limit)
            let parts = try #require(HashMessage.parts(&message))
            #expect(parts.phrase == SecretBytes(phrase) && parts.setting == Self.setting)
        }
    }

    @Test("Of a longer phrase crypt_r(3) would read as much, and no more is sent")
    func longPhrase() throws {
        let long = [UInt8](repeating: 97, count: Crypt.longestPhrase + 10)
        var message = HashMessage.question(SecretBytes(long), setting: Self.setting)
        let parts = try #require(HashMessage.parts(&message))
        #expect(parts.phrase.count == Crypt.longestPhrase)
        #expect(Crypt.hash(parts.phrase, setting: Self.setting) == Crypt.hash(SecretBytes(long), setting: Self.setting))
    }

    @Test("A message that is cut short is no question", arguments: [[], [0], [0, 5, 1, 2]] as [[UInt8]])
    func short(_ bytes: [UInt8]) {
        var message = bytes
        #expect(HashMessage.parts(&message) == nil)
    }

    @Test("An answer is a hash or none")
    func answer() {
        #expect(HashMessage.hash(HashMessage.answer([36, 50])) == [36, 50])
        #expect(HashMessage.hash(HashMessage.answer(nil)) == nil)
        #expect(HashMessage.hash([]) == nil)
    }

    @Test("Where none can be started the hash is computed here, and counted")
    func missing() {
        let processes = HashProcesses(program: "/no/such/program", arguments: [])
        processes.start(2)
        let hash = processes.hash(Self.phrase, setting: Self.setting)
        #expect(hash != nil && hash == Crypt.hash(Self.phrase, setting: Self.setting))
        #expect(processes.missing == 1 && processes.lost == 0)
    }

    @Test("Where two end over it there is no hash, and no end of this process")
    func ended() {
        let processes = HashProcesses(program: "/bin/false", arguments: [])
        #expect(processes.hash(Self.phrase, setting: Self.setting) == nil)
        #expect(processes.lost == 2 && processes.missing == 0)
        let password = Self.phrase
        let stored = String(decoding: Crypt.hash(password, setting: Self.setting)!, as: UTF8.self)
        let verdict = PasswordHash.check(password, against: stored, todaysCost: 4, in: .processes(processes))
        #expect(verdict == .unusable(.failed))
    }
}
