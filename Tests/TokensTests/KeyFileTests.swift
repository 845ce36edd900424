import Cryptography
import Foundation
import System
import Testing

@testable import Tokens

@Suite("The key file")
struct KeyFileTests {
    private static let secret = Array(Fixture.secret.utf8)
    /// 32 bytes as `k`.
    private static let k = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"

    private func parse(_ bytes: [UInt8]) throws -> KeyFile { try KeyFile.parse(bytes, path: "/etc/postern/keys") }

    private func error(_ bytes: [UInt8]) -> KeyFileError? {
        do throws(KeyFileError) {
            _ = try KeyFile.parse(bytes, path: "/etc/postern/keys")
            return nil
        } catch {
            return error
        }
    }

    private func error(set: String) -> KeyFileError? { error(Array(set.utf8)) }

    @Test(
        "holds a raw secret less one line end, never decoded",
        arguments: [
            ([], true), ([0x0A], true), ([0x0D, 0x0A], true), ([0x0A, 0x0A], false), ([0x0D], false), ([0x20], false),
            ([0x0A, 0x0D], false), ([0x00], false),
        ] as [([UInt8], Bool)])
    func rawSecret(tail: [UInt8], isSame: Bool) throws {
        let plain = try #require(parse(Self.secret).keys.first)
        let key = try #require(parse(Self.secret + tail).keys.first)
        #expect((key.thumbprint == plain.thumbprint) == isSame)
        #expect(key.origin == .rawSecret)
        #expect(key.id == key.thumbprint)
    }

    @Test("takes raw bytes of any kind, and counts them after the line end is gone")
    func rawLength() throws {
        let bytes = (0..<32).map { UInt8($0 * 8) }
        #expect(try parse(bytes).keys.count == 1)
        #expect(try parse(bytes + [0x0A]).keys.count == 1)
        #expect(error(Array(bytes.dropLast()))?.code == .short)
        #expect(error(Array(bytes.dropLast()) + [0x0A])?.code == .short)
        #expect(error(Array(bytes.dropLast()) + [0x0D, 0x0A])?.code == .short)
    }

    @Test("gives the thumbprint of RFC 7638 as kid")
    func thumbprint() throws {
        // sha256 of {"k":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA","kty":"oct"}
        let key = try TokenKey(secret: SecretBytes([UInt8](1...32)), origin: .rawSecret)
        #expect(key.thumbprint == "f7NOASX-o7koLb0W4ErF0hSMzu1Fp3joD078YB3yAyY")
    }

    @Test("that is not a secret is refused with the reason and the cure")
    func refusedRaw() {
        let cases: [([UInt8], KeyFileError.Code)] = [
            ([], .empty), ([0x0A], .empty), (Array(" \t\r\n\n".utf8), .empty), (Array("short".utf8), .short),
            ([UInt8](repeating: 0, count: 64), .unusable), ([UInt8](repeating: 0x61, count: 64), .unusable),
            ([0xEF, 0xBB, 0xBF] + Self.secret, .broken), ([0xEF, 0xBB, 0xBF] + Array("{\"keys\":[]}".utf8), .broken),
            (
                Array(
                    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
                        .utf8), .unusable
            ),
        ]
        for (bytes, code) in cases {
            let error = error(bytes)
            #expect(error?.code == code)
            #expect(error?.description.hasPrefix("/etc/postern/keys: refused: ") == true)
            #expect(error?.description.contains("Cure: ") == true)
        }
        #expect(
            error(Array("0123456789abcdef".utf8))?.description
                == "/etc/postern/keys: refused: the secret has 16 bytes; HS256 needs at least 32. Cure: postern key generate"
        )
    }

    @Test("holds a JWK Set when its first byte that is not white space is a brace")
    func keySet() throws {
        let text = """
             \r\n\t{"keys":[{"kty":"oct","alg":"HS256","use":"sig","key_ops":["sign","verify"],"kid":"2026-11","k":"\(Self.k)",
               "signs_from":1799000000,"signs_until":1801000000,"verifies_until":1802000000,"x-note":{"by":"ann"}},
              {"kty":"oct","k":"\(Fixture.base64url(Fixture.secret))"}],"comment":[1]}

            """
        let keys = try parse(Array(text.utf8)).keys
        #expect(keys.map(\.id) == ["2026-11", try Fixture.key().thumbprint])
        #expect(
            keys[0].life == .init(signsFrom: 1_799_000_000, signsUntil: 1_801_000_000, verifiesUntil: 1_802_000_000))
        #expect(keys.map(\.origin) == [.keySet, .keySet])
        #expect(keys[1].life == .init())
    }

    @Test("leaves out keys for something else, and says which")
    func notes() throws {
        let others = [
            #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"oct","alg":"HS512","k":"AA"}"#,
            #"{"kty":"oct","use":"enc","k":"AA"}"#,
            #"{"kty":"oct","key_ops":["verify"],"k":"AA"}"#,
        ]
        let good = #"{"kty":"oct","kid":"a","k":"\#(Self.k)"}"#
        let file = try parse(Array(#"{"keys":[\#((others + [good]).joined(separator: ","))]}"#.utf8))
        #expect(file.keys.map(\.id) == ["a"])
        #expect(file.notes.count == 4)
        let none = error(set: #"{"keys":[\#(others.joined(separator: ","))]}"#)
        #expect(none?.code == .unusable)
        #expect(none?.reason.contains("key 1 is left out: its kty is not oct") == true)
    }

    @Test(
        "with a broken set is refused whole",
        arguments: [
            ("{", KeyFileError.Code.broken), ("{}", .broken), (#"{"keys":{}}"#, .broken), (#"{"keys":[]}"#, .unusable),
            (#"{"keys":[1]}"#, .broken), (#"{"keys":[]}x"#, .broken), (#"{"keys":[],"keys":[]}"#, .broken),
            (#"{"kty":"oct","k":"KKK"}"#, .broken), (#"{"keys":[{"k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":7}]}"#, .broken), (#"{"keys":[{"kty":"oct","k":"KKK="}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"KKK","k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, .short),
            (#"{"keys":[{"kty":"oct","k":""}]}"#, .short),
            (#"{"keys":[{"kty":"oct","kid":"a b","k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","kid":"","k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","kid":7,"k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"KKK"},{"kty":"oct","kid":"a","k":"KKK"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"KKK","signs_from":"2026-11-01"}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"KKK","signs_from":1.5}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"KKK","signs_from":9,"signs_until":9}]}"#, .broken),
            (#"{"keys":[{"kty":"oct","k":"KKK","signs_until":9,"verifies_until":8}]}"#, .broken),
        ])
    func brokenSets(text: String, code: KeyFileError.Code) {
        let found = error(set: text.replacingOccurrences(of: "KKK", with: Self.k))
        #expect(found?.code == code)
        #expect(found?.description.contains(Self.k) == false)
    }

    @Test(
        "that others may read or write, or its group may write, is refused",
        arguments: [
            (0o640, nil), (0o600, nil), (0o400, nil), (0o440, nil), (0o644, "readable by others"),
            (0o604, "readable by others"),
            (0o641, "readable by others"), (0o642, "writable by others"), (0o646, "writable by others"),
            (0o660, "writable by its group"), (0o620, "writable by its group"), (0o666, "writable by others"),
        ] as [(Int, String?)])
    func permissions(mode: Int, reason: String?) throws {
        let folder = try Folder()
        try folder.write("keys", Self.secret, mode: mode)
        guard let reason else {
            #expect(try KeyFile.load(folder.path("keys")).keys.count == 1)
            return
        }
        let status = try FileStatus.of(folder.path("keys"))
        #expect(
            throws: KeyFileError(
                code: .permissions, path: folder.path("keys"), reason: "\(reason) (\(status.permissions))",
                cure: "chown root:_postern and chmod 0640")
        ) { try KeyFile.load(folder.path("keys")) }
    }

    @Test("that is missing, a folder, a pipe or too long is refused")
    func notAFile() throws {
        let folder = try Folder()
        let codes = { (name: String) -> KeyFileError.Code? in
            do throws(KeyFileError) {
                _ = try KeyFile.load(folder.path(name))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(codes("nothing") == .missing)
        #expect(codes("nothing/at/all") == .missing)
        try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
        #expect(codes("folder") == .notRegular)
        #expect(codes("../../../../../../../dev/null") == .notRegular)
        try folder.write("long", [UInt8](repeating: 0x61, count: 65_537), mode: 0o600)
        #expect(codes("long") == .broken)
        try folder.write("keys", Self.secret, mode: 0o600)
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "keys")
        #expect(codes("link") == nil)
    }
}

/// A folder of the test's own, removed with it.
final class Folder: Sendable {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("postern-keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { root + "/" + name }

    /// A new file in the old one's place, by rename.
    func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o640) throws {
        try Files.replace(path(name), with: bytes, mode: mode, group: nil)
    }
}
