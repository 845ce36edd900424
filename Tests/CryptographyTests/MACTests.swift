import Cryptography
import Testing

@Suite("HMAC")
struct MACTests {
    private struct File: Decodable {
        struct Group: Decodable { var keySize: Int, tagSize: Int, tests: [Case] }
        struct Case: Decodable { var tcId: Int, key: String, msg: String, tag: String, result: String }
        var numberOfTests: Int
        var testGroups: [Group]
    }

    @Test(
        "agrees with every case of Wycheproof",
        arguments: zip(HashFunction.allCases, ["hmac_sha256", "hmac_sha384", "hmac_sha512"]))
    func wycheproof(hash: HashFunction, name: String) throws {
        let file = try Vectors.read("wycheproof/\(name)_test.json", as: File.self)
        var ran = 0
        for group in file.testGroups {
            for test in group.tests {
                ran += 1
                let mac = try MAC(key: SecretBytes(Vectors.bytes(hex: test.key)), hash: hash)
                let message = Vectors.bytes(hex: test.msg)
                let expected = Vectors.bytes(hex: test.tag)
                let tag = try mac.tag(of: message)
                let agrees = Array(tag.prefix(group.tagSize / 8)) == expected
                #expect(agrees == (test.result == "valid"), "case \(test.tcId)")
                // A shortened tag is never valid here, however right its bytes are.
                let isWhole = group.tagSize / 8 == hash.length
                let isValid = try mac.isValid(expected, of: message)
                #expect(isValid == (test.result == "valid" && isWhole), "case \(test.tcId)")
            }
        }
        #expect(ran == file.numberOfTests)
        #expect(ran == 174)
    }

    @Test("gives the same tag again after other messages, and after a context was used once")
    func reuse() throws {
        let mac = try MAC(key: SecretBytes([UInt8](repeating: 11, count: 32)))
        let first = try mac.tag(of: [1, 2, 3])
        let other = try mac.tag(of: [UInt8](repeating: 9, count: 1_000))
        #expect(first != other)
        for _ in 0..<5 { #expect(try mac.tag(of: [1, 2, 3]) == first) }
    }

    @Test("one key serves many threads at once")
    func threads() async throws {
        let mac = try MAC(key: SecretBytes([UInt8](repeating: 5, count: 32)))
        let expected = try (0..<64).map { try mac.tag(of: [UInt8]($0..<$0 + 100)) }
        let isRight = await withTaskGroup(of: Bool.self) { group in
            for start in 0..<8 {
                group.addTask {
                    for round in 0..<2_000 {
                        let number = (start * 7 + round) % 64
                        let message = [UInt8](UInt8(number)..<UInt8(number + 100))
                        guard (try? mac.isValid(expected[number], of: message)) == true else { return false }
                        guard (try? mac.tag(of: message)) == expected[number] else { return false }
                    }
                    return true
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(isRight)
    }

    @Test("a tag changed in any one bit, shortened, lengthened or empty is not valid")
    func changedTag() throws {
        let mac = try MAC(key: SecretBytes([UInt8](repeating: 3, count: 32)))
        let message = Array("a message".utf8)
        let tag = try mac.tag(of: message)
        #expect(try mac.isValid(tag, of: message))
        for bit in 0..<256 {
            var changed = tag
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try !mac.isValid(changed, of: message))
        }
        #expect(try !mac.isValid(Array(tag.dropLast()), of: message))
        #expect(try !mac.isValid((tag + [0]), of: message))
        #expect(try !mac.isValid([UInt8](), of: message))
    }

    @Test("an empty key is refused")
    func emptyKey() {
        #expect(throws: CryptographyError.emptyKey) { try MAC(key: SecretBytes([UInt8]())) }
    }
}
