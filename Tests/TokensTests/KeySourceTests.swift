import Foundation
import System
import Testing

@testable import Tokens

@Suite("The watched key file")
struct KeySourceTests {
    private static let first = Array(Fixture.secret.utf8)
    private static let second = Array(Fixture.otherSecret.utf8)

    /// The clock of poll number `number`: one every 250 ms.
    private func moment(_ number: Int) -> Moment {
        Moment(boot: Fixture.now.boot + UInt64(number) * 250_000_000, wall: Fixture.now.wall + Int64(number / 4))
    }

    private func source(_ folder: Folder, _ name: String = "keys", keepPrevious: Int64 = 1_800) throws -> KeySource {
        try KeySource(path: folder.path(name), keepPrevious: keepPrevious)
    }

    private func id(_ bytes: [UInt8]) throws -> String { try KeyFile.parse(bytes, path: "x").keys[0].id }

    /// Polls until something is said, at most four times: a second.
    private func event(_ source: KeySource, from number: Int) -> KeySource.Event? {
        for poll in number..<number + 4 {
            if let event = source.poll(at: moment(poll)) { return event }
        }
        return nil
    }

    @Test("is read within four polls, whichever way it is swapped", arguments: ["rename", "in place", "link"])
    func swapped(way: String) throws {
        let folder = try Folder()
        if way == "link" {
            for (name, bytes) in [("..one", Self.first), ("..two", Self.second)] {
                try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
                try folder.write(name + "/keys", bytes)
            }
            try FileManager.default.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..one")
            try FileManager.default.createSymbolicLink(atPath: folder.path("keys"), withDestinationPath: "..data/keys")
        } else {
            try folder.write("keys", Self.first)
        }
        let source = try source(folder)
        #expect(event(source, from: 0) == nil)
        switch way {
        case "link":
            // Kubernetes renames a new link over the old one; between two polls that is the same.
            try Files.remove(folder.path("..data"))
            try FileManager.default.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..two")
        case "in place":
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("keys")))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(Self.second))
            try handle.close()
        default:
            try folder.write("keys", Self.second)
        }
        let (old, new) = (try id(Self.first), try id(Self.second))
        #expect(event(source, from: 4) == .loaded(keys: [new], added: [new], removed: [old], notes: []))
        #expect(source.ring.signer(at: moment(8))?.id == old)
        #expect(source.ring.signer(at: moment(16))?.id == new)
        #expect(event(source, from: 16) == nil)
    }

    @Test("is only read when it looked the same at two polls")
    func stable() throws {
        let folder = try Folder()
        try folder.write("keys", Self.first)
        let source = try source(folder)
        _ = source.poll(at: moment(0))
        for number in 1...8 {
            try folder.write("keys", Self.second + [UInt8](repeating: 0x21, count: number))
            #expect(source.poll(at: moment(number)) == nil)
        }
        #expect(source.ring.generation == 1)
        #expect(source.poll(at: moment(9)) != nil)
    }

    @Test("that was written twice within one tick of the clock, with the same length, is still read")
    func sameLook() throws {
        let folder = try Folder()
        let bytes = Array(Self.second.prefix(Self.first.count))
        try folder.write("keys", Array(Self.first.prefix(bytes.count)))
        let time = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)]
        try FileManager.default.setAttributes(time, ofItemAtPath: folder.path("keys"))
        let source = try source(folder)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("keys")))
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
        try FileManager.default.setAttributes(time, ofItemAtPath: folder.path("keys"))
        #expect(event(source, from: 1) != nil)
        #expect(source.ring.entries.first?.key.id == (try id(bytes)))
    }

    @Test("that is broken changes nothing and is reported once; the next good one is taken")
    func broken() throws {
        let folder = try Folder()
        try folder.write("keys", Self.first)
        let source = try source(folder)
        _ = event(source, from: 0)
        let cases: [(KeyFileError.Code, () throws -> Void)] = [
            (.short, { try folder.write("keys", Array("short".utf8)) }),
            (.empty, { try folder.write("keys", []) }),
            (.broken, { try folder.write("keys", Array("{\"keys\":[".utf8)) }),
            (.permissions, { try folder.write("keys", Self.second, mode: 0o644) }),
            (.missing, { try Files.remove(folder.path("keys")) }),
        ]
        var number = 4
        for (code, change) in cases {
            try change()
            guard case .refused(let error) = event(source, from: number) else {
                Issue.record("\(code) was not reported")
                continue
            }
            #expect(error.code == code)
            #expect(source.refusal == error)
            #expect(event(source, from: number + 4) == nil, "said once")
            #expect(source.ring.signer(at: moment(number + 8))?.id == (try id(Self.first)))
            #expect(source.ring.generation == 1)
            number += 8
        }
        try folder.write("keys", Self.second)
        guard case .loaded? = event(source, from: number) else {
            Issue.record("the good file was not taken")
            return
        }
        #expect(source.refusal == nil)
        #expect(source.ring.generation == 2)
    }

    @Test("that is as before again after a fault is reported, and keeps its ring")
    func mended() throws {
        let folder = try Folder()
        try folder.write("keys", Self.first)
        let source = try source(folder)
        _ = event(source, from: 0)
        try folder.write("keys", [])
        _ = event(source, from: 4)
        try folder.write("keys", Self.first)
        let key = try id(Self.first)
        #expect(event(source, from: 8) == .loaded(keys: [key], added: [], removed: [], notes: []))
        #expect(source.ring.generation == 1)
        #expect(source.ring.signer(at: moment(12))?.id == key)
    }

    @Test("must be good when a worker starts")
    func start() throws {
        let folder = try Folder()
        #expect(throws: KeyFileError.self) { try source(folder) }
        try folder.write("keys", Self.first, mode: 0o644)
        #expect(throws: KeyFileError.self) { try source(folder) }
    }

    @Test("is followed by two workers who never refuse each other's tokens, at any offset of their polls")
    func twoWorkers() throws {
        for offset in [0, 40, 120, 249] {
            try swapUnderLoad(offset: offset)
        }
    }

    /// Two workers poll every 250 ms, `offset` ms apart, and every 10 ms each issues a token that both check.
    private func swapUnderLoad(offset: Int) throws {
        let folder = try Folder()
        try folder.write("keys", Self.first)
        let workers = [try source(folder), try source(folder)]
        let issuer = Issuer(issuer: Fixture.issuer, audience: Fixture.audience, life: 60)
        let verifier = Fixture.verifier()
        var signers: Set<String> = []
        var kept: [String] = []
        var refused = 0
        for tick in 0..<2_400 {
            let ms = tick * 10
            let now = Moment(
                boot: Fixture.now.boot + UInt64(ms) * 1_000_000, wall: Fixture.now.wall + Int64(ms / 1_000))
            if tick % 300 == 150 {
                let number = tick / 300
                try folder.write("keys", Array("swap number \(number) of a secret of many bytes".utf8))
            }
            for (index, worker) in workers.enumerated() where (ms + 250 - index * offset) % 250 < 10 {
                _ = worker.poll(at: now)
            }
            for worker in workers {
                let token = try issuer.issue(to: Fixture.user, with: worker.ring, at: now)
                signers.insert(token.keyID)
                if tick % 20 == 0 { kept.append(token.text) }
                for other in workers {
                    if (try? verifier.verify(token.text, with: other.ring, at: now)) == nil { refused += 1 }
                }
            }
        }
        // The tokens of before, too: keep_previous is longer than they live.
        let end = Moment(boot: Fixture.now.boot + 24_000_000_000, wall: Fixture.now.wall + 24)
        for token in kept {
            for worker in workers where (try? verifier.verify(token, with: worker.ring, at: end)) == nil {
                refused += 1
            }
        }
        #expect(refused == 0)
        #expect(signers.count == 8, "each of the eight secrets but the last one has signed, and the first")
    }
}
