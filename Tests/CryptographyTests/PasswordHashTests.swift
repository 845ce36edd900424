import Cryptography
import Testing

/// Serialized, because the work counter is the process's: only this suite hashes passwords.
@Suite("Password hashes", .serialized)
struct PasswordHashTests {
    private struct KnownAnswer: Decodable { var src: String, pw: String, hash: String }

    private static let password = "correct horse battery"
    private static let cost4 = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"
    private static let yescrypt = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$YAXMK9Llbqk/FSGbrI16AP6p2zwE4UhuWrJZceAG.p2"

    private func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }

    private func work(_ body: () -> Void) -> UInt64 {
        let before = PasswordHash.workDone
        body()
        return PasswordHash.workDone - before
    }

    @Test("give the 155 known answers of botan, openwall and pyca, but where a rule of ours refuses")
    func knownAnswers() throws {
        let rows = try Vectors.read("bcrypt/bcrypt_vectors.json", as: [KnownAnswer].self)
        #expect(rows.count == 155)
        var counts: [String: Int] = [:]
        for row in rows {
            let bytes = Vectors.bytes(hex: row.pw)
            // libxcrypt's $2a$ keeps apart what the sign-extension bug confused: two rows of botan's record the bug.
            let isBug =
                row.src == "botan" && row.hash.hasPrefix("$2a$") && row.hash.contains("/OK.fbVrR/")
                && ["ffffa3", "ffa33334ffffffa3333435"].contains(row.pw)
            let kind =
                switch true {
                case row.hash.hasPrefix("*"): "bad setting"
                case row.hash.hasPrefix("$2x$"): "2x"
                case isBug: "bug"
                case bytes.contains(0): "NUL"
                case bytes.count > PasswordHash.bcryptLimit: "long"
                default: "plain"
                }
            counts[kind, default: 0] += 1
            // What crypt_r says without our rules; a C string cannot carry a NUL.
            let isRight = Crypt.hash(SecretBytes(bytes), setting: Array(row.hash.utf8)) == Array(row.hash.utf8)
            #expect(isRight == ["2x", "long", "plain"].contains(kind), "\(row.src) \(row.pw) \(row.hash)")
            let expected: Verdict =
                switch kind {
                case "bad setting", "2x": .unusable(.unknownFormat)
                case "plain": .match
                default: .mismatch
                }
            let verdict = PasswordHash.verify(SecretBytes(bytes), against: row.hash)
            #expect(verdict == expected, "\(row.src) \(row.pw) \(row.hash)")
        }
        #expect(counts == ["bad setting": 6, "2x": 8, "bug": 2, "NUL": 2, "long": 7, "plain": 130])
    }

    @Test("made here are $2b$ at the cost asked for, match their password and no other")
    func roundTrip() throws {
        let hash = try PasswordHash.bcrypt(secret(Self.password), cost: 5)
        #expect(hash.hasPrefix("$2b$05$"))
        #expect(hash.utf8.count == 60)
        #expect(PasswordHash.verify(secret(Self.password), against: hash) == .match)
        for wrong in [
            "", "correct horse batterY", "correct horse batter", "correct horse battery ", " correct horse battery",
        ] {
            #expect(PasswordHash.verify(secret(wrong), against: hash) == .mismatch)
        }
        #expect(try PasswordHash.bcrypt(secret(Self.password), cost: 5) != hash, "the salt is fresh each time")
    }

    @Test("yescrypt is verified, also for a password of 100 bytes")
    func yescryptVerified() {
        let long = "$y$j75$F5Jx5fExrKuPp53xLKQ..1$TaXPZPB1ThrOXNM1FkLv8UBzZvIf83nEAVlmnQXmqT6"
        #expect(PasswordHash.verify(secret(Self.password), against: Self.yescrypt) == .match)
        #expect(PasswordHash.verify(secret("wrong"), against: Self.yescrypt) == .mismatch)
        #expect(PasswordHash.verify(secret(String(repeating: "x", count: 100)), against: long) == .match)
        #expect(PasswordHash.verify(secret(String(repeating: "x", count: 99)), against: long) == .mismatch)
    }

    @Test(
        "of every other format are refused without a hash, though crypt_r would take them",
        arguments: [
            ("", UnusableHash.empty),
            ("*0", .unknownFormat), ("*1", .unknownFormat), ("x", .unknownFormat), ("!", .unknownFormat),
            (password, .unknownFormat),
            ("$1$abcdefgh$E2IUOVGWn4QIROUcRm1wO/", .unknownFormat),
            ("abhfCpXqd4GrI", .unknownFormat), ("_J9..abcdVDMesytRgAI", .unknownFormat),
            ("$5$abcdefgh$sYjQ4vynYsNAnM.JMipLH1IMXSipuA8cURgfc3GsHo.", .unknownFormat),
            ("$3$$3d211b74dd729be1e552b4727594f3eb", .unknownFormat),
            ("$md5$abcdefgh$$SaiL1401vQBa7cnfUKdG70", .unknownFormat),
            ("$sha1$40000$abcdefgh$tmsqJKB2Cqs77MIpaWFXqwoTPb7O", .unknownFormat),
            ("$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$Yjr3pclyq3lwNkvmdiTrObGQ8UY2.YXxKdcv.1G.Uo6", .unknownFormat),
            ("$7$CU..../....abcdefgh$WFMS32OZC5wd1xXCS1Yrq.hjTpkdzYuyWnzXdY1f8K2", .unknownFormat),
            ("$2x$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS", .unknownFormat),
            ("$2$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS", .unknownFormat),
            ("$2b$4$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS", .malformed),
            ("$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoO", .malformed),
            ("$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOSx", .malformed),
            ("$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoO\u{0}", .malformed),
            ("$2b$0x$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS", .malformed),
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$", .malformed),
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1", .malformed),
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$YAXMK9Llbqk/FSGbrI16AP6p2zwE4UhuWrJZceAG.p2$", .malformed),
        ])
    func refusedFormats(stored: String, reason: UnusableHash) {
        let spent = work {
            #expect(PasswordHash.verify(secret(Self.password), against: stored) == .unusable(reason))
        }
        #expect(spent == 0)
        #expect(!PasswordHash.needsRehash(stored, cost: 12))
    }

    @Test(
        "whose cost is out of range never reach the hash, right as they may be",
        arguments: [
            "$2b$03$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
            "$2b$15$abcdefghijklmnopqrstuuYFriorDO4EbXDcskZh5xEwJ37HkeYvW",
            "$2b$31$abcdefghijklmnopqrstuuYFriorDO4EbXDcskZh5xEwJ37HkeYvW",
            "$2b$99$abcdefghijklmnopqrstuuYFriorDO4EbXDcskZh5xEwJ37HkeYvW",
            "$y$jCT$F5Jx5fExrKuPp53xLKQ..1$2W7.lULeVgV7eH0E9.HK9Ff.PAskDn40VMiOprS.FW2",
            "$y$jLT$F5Jx5fExrKuPp53xLKQ..1$2W7.lULeVgV7eH0E9.HK9Ff.PAskDn40VMiOprS.FW2",
            "$y$j9z$F5Jx5fExrKuPp53xLKQ..1$2W7.lULeVgV7eH0E9.HK9Ff.PAskDn40VMiOprS.FW2",
            "$y$j9T.$F5Jx5fExrKuPp53xLKQ..1$2W7.lULeVgV7eH0E9.HK9Ff.PAskDn40VMiOprS.FW2",
            "$y$.9T$F5Jx5fExrKuPp53xLKQ..1$2W7.lULeVgV7eH0E9.HK9Ff.PAskDn40VMiOprS.FW2",
        ])
    func refusedCosts(stored: String) {
        let spent = work {
            #expect(PasswordHash.verify(secret(Self.password), against: stored) == .unusable(.costOutOfRange))
        }
        #expect(spent == 0)
    }

    @Test("are never made at a cost out of range", arguments: [-1, 0, 3, 15, 31, 400])
    func costToMake(cost: Int) {
        #expect(throws: CryptographyError.costOutOfRange(cost)) { try PasswordHash.bcrypt(secret("x"), cost: cost) }
    }

    @Test("take 72 bytes of password and refuse 73, at setting with an error and at login as a mismatch")
    func tooLong() throws {
        let whole = String(repeating: "é", count: 36)
        let hash = try PasswordHash.bcrypt(secret(whole), cost: 4)
        #expect(PasswordHash.verify(secret(whole), against: hash) == .match)
        let spent = work { #expect(PasswordHash.verify(secret(whole + "x"), against: hash) == .mismatch) }
        #expect(spent == 16)
        let huge = work {
            #expect(
                PasswordHash.verify(secret(whole + String(repeating: "x", count: 20_000)), against: hash) == .mismatch)
        }
        #expect(huge == 16)
        #expect(throws: CryptographyError.passwordTooLong) { try PasswordHash.bcrypt(secret(whole + "x"), cost: 4) }
    }

    @Test("do not end at a NUL: abc and NUL and def is not abc")
    func nul() throws {
        let hash = try PasswordHash.bcrypt(secret("abc"), cost: 4)
        for text in ["abc\u{0}def", "abc\u{0}", "\u{0}abc", "\u{0}"] {
            let spent = work { #expect(PasswordHash.verify(secret(text), against: hash) == .mismatch) }
            #expect(spent == 16)
            #expect(throws: CryptographyError.passwordContainsNUL) { try PasswordHash.bcrypt(secret(text), cost: 4) }
        }
    }

    @Test("an unknown e-mail costs the work of a wrong password, whatever the stored cost", arguments: 4...8)
    func equalWork(stored: Int) throws {
        let hash = try PasswordHash.bcrypt(secret(Self.password), cost: stored)
        let wrong = secret("wrong")
        let unknown = work { #expect(PasswordHash.check(wrong, against: nil, todaysCost: 8) == .mismatch) }
        let mismatch = work { #expect(PasswordHash.check(wrong, against: hash, todaysCost: 8) == .mismatch) }
        let inactive = work {
            let right = secret(Self.password)
            #expect(PasswordHash.check(right, against: hash, todaysCost: 8, mayPass: false) == .mismatch)
        }
        let match = work {
            #expect(PasswordHash.check(secret(Self.password), against: hash, todaysCost: 8) == .match)
        }
        let long = work {
            let text = String(repeating: "x", count: 100)
            #expect(PasswordHash.check(secret(text), against: hash, todaysCost: 8) == .mismatch)
        }
        let poisoned = work {
            let row = "$2b$31$abcdefghijklmnopqrstuuYFriorDO4EbXDcskZh5xEwJ37HkeYvW"
            #expect(PasswordHash.check(wrong, against: row, todaysCost: 8) == .unusable(.costOutOfRange))
        }
        #expect([unknown, mismatch, inactive, long, poisoned] == [256, 256, 256, 256, 256])
        #expect(match == 1 << UInt64(stored))
    }

    @Test("of yescrypt count as the bcrypt cost nearest to them")
    func yescryptWork() {
        let wrong = secret("wrong")
        let spent = work { #expect(PasswordHash.check(wrong, against: Self.yescrypt, todaysCost: 10) == .mismatch) }
        #expect(spent == 1 << 10)
    }

    @Test("weaker than today's cost are replaced at a good login, others are kept")
    func rehash() {
        #expect(PasswordHash.needsRehash(Self.cost4, cost: 5))
        #expect(!PasswordHash.needsRehash(Self.cost4, cost: 4))
        #expect(PasswordHash.needsRehash(Self.yescrypt, cost: 12))
        #expect(!PasswordHash.needsRehash("$1$abcdefgh$E2IUOVGWn4QIROUcRm1wO/", cost: 12))
    }
}
