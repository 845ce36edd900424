import Cryptography
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
    @Test("hold what they were given, and lend it")
    func content() {
        let secret = SecretBytes([1, 2, 3])
        #expect(secret.count == 3)
        #expect(secret.withBytes { bytes in bytes.indices.map { bytes[$0] } } == [1, 2, 3])
        #expect(SecretBytes([UInt8]()).isEmpty)
    }

    @Test("are equal when every byte is, and never at different lengths")
    func equality() {
        #expect(SecretBytes([1, 2, 3]) == SecretBytes([1, 2, 3]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2, 4]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2]))
        #expect(SecretBytes([UInt8]()) == SecretBytes([UInt8]()))
    }

    @Test("never show their content, however they are printed")
    func descriptions() {
        let secret = SecretBytes(Array("hunter2hunter2".utf8))
        struct Holder { var secret: SecretBytes }
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(Holder(secret: secret))", "\([secret])", dumped] {
            #expect(!text.contains("hunter"))
            #expect(!text.contains("104"))
            #expect(text.contains("SecretBytes"))
        }
    }

    @Test("taken over from an array leave that array empty")
    func takenOver() {
        var bytes: [UInt8] = [9, 9, 9]
        let secret = SecretBytes(taking: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret == SecretBytes([9, 9, 9]))
    }

    @Test("constant-time comparison tells every single difference")
    func constantTime() {
        let bytes = [UInt8](0..<100)
        #expect(constantTimeEqual(bytes, bytes))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x80
            #expect(!constantTimeEqual(bytes, other))
        }
        #expect(!constantTimeEqual(bytes, []))
        #expect(constantTimeEqual([], []))
    }

    @Test("random bytes have the length asked for and do not repeat")
    func random() throws {
        #expect(try randomBytes(0).isEmpty)
        let many = try (0..<100).map { _ in try randomBytes(16) }
        #expect(many.allSatisfy { $0.count == 16 })
        #expect(Set(many).count == 100)
    }

    @Test("SHA-256 gives the examples of FIPS 180-4")
    func digest() throws {
        let abc = Vectors.bytes(hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let empty = Vectors.bytes(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(try sha256(Array("abc".utf8)) == abc)
        #expect(try sha256([]) == empty)
    }
}
