import Cryptography
import Testing

@testable import Tokens

@Suite("Publicly known secrets")
struct PublicSecretsTests {
    /// Everybody's secrets of at least 32 bytes, as bytes: the list is not all UTF-8 in spirit.
    private static func secrets() throws -> [[UInt8]] {
        try Vectors.bytes("secrets/known-jwt-secrets-32-bytes-and-more.txt").split(separator: 0x0A)
            .map { Array($0.last == 0x0D ? $0.dropLast() : $0) }
            .filter { $0.count >= 32 }
    }

    private func isKnown(_ bytes: [UInt8]) throws -> Bool { try PublicSecrets.contains(SecretBytes(bytes)) }

    @Test("are all in the program's list, and nothing else is")
    func list() throws {
        let secrets = try Self.secrets()
        #expect(secrets.count > 1_800)
        for secret in secrets { #expect(try isKnown(secret), "\(String(decoding: secret, as: UTF8.self))") }
        // Written by scripts/public-secrets: each one as it stands and without white space around it.
        let trimmed = secrets.map { secret in
            let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
            let start = secret.prefix(while: isSpace).count
            let end = secret.reversed().prefix(while: isSpace).count
            return Array(secret.dropFirst(start).dropLast(end))
        }
        #expect(PublicSecrets.count == Set((secrets + trimmed).filter { $0.count >= 32 }).count)
    }

    @Test("are known as raw bytes, as text and as k")
    func forms() throws {
        // RFC 7515 A.1: the list has the text of k.
        let k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let bytes = try #require(Base64URL.decode(k))
        #expect(try isKnown(Array(k.utf8)))
        #expect(try isKnown(bytes))
        #expect(try isKnown(Array((k + "==").utf8)))
        let text = Array(try #require(Self.secrets().first { $0.starts(with: "!Change".utf8) }))
        #expect(try isKnown(Array(Base64URL.string(text).utf8)))
        let hexadecimal = text.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(try isKnown(Array(hexadecimal.utf8)))
        #expect(try isKnown(Array(hexadecimal.uppercased().utf8)))
        #expect(try !isKnown(text + [0x21]))
        #expect(try !isKnown(Array(Fixture.secret.utf8)))
        #expect(try !isKnown(randomBytes(32)))
    }

    @Test("are refused in a key file of either kind, and taken with a mark where that is asked for")
    func keyFile() throws {
        let text = try #require(Self.secrets().first { $0.starts(with: "!Change".utf8) })
        let set = Array(#"{"keys":[{"kty":"oct","kid":"a","k":"\#(Base64URL.string(text))"}]}"#.utf8)
        for bytes in [text, text + [0x0A], set] {
            #expect {
                try KeyFile.parse(bytes, path: "/etc/postern/keys")
            } throws: { error in
                let error = error as? KeyFileError
                return error?.code == .publiclyKnown && error?.cure == "postern key generate"
                    && error?.description.contains("!Change") == false
            }
            let accepted = try KeyFile.parse(bytes, path: "/etc/postern/keys", publicSecrets: .accept)
            #expect(accepted.keys.map(\.isPubliclyKnown) == [true])
        }
        #expect(try Fixture.key().isPubliclyKnown == false)
    }
}
