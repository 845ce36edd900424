import Cryptography

/// A JWK Set (RFC 7517) with our members for the life of a key: `signs_from`, `signs_until`, `verifies_until`, each a
/// NumericDate like `exp` (whole seconds since 1970).
///
/// A key that is for something else (another `kty`, `alg`, `use` or `key_ops`) is left out with a note, as section 5
/// of the RFC wants; a key that is for us and broken refuses the whole file.
struct KeySetParser {
    let path: String

    private struct Member {
        var type: String?
        var algorithm: String?
        var use: String?
        var operations: [String]?
        var id: String?
        var secret: SecretBytes?
        var life = TokenKey.Life()
    }

    func parse(_ bytes: [UInt8]) throws(KeyFileError) -> KeyFile {
        let members: [Member]
        do throws(JSONError) {
            members = try read(bytes)
        } catch {
            throw broken("not a JWK Set: \(error)")
        }
        var keys: [TokenKey] = []
        var notes: [String] = []
        for (index, member) in members.enumerated() {
            let name = "key \(index + 1)"
            if let note = use(of: member) {
                notes.append("\(name) is left out: \(note)")
                continue
            }
            let key = try key(from: member, name: name)
            guard !keys.contains(where: { $0.id == key.id }) else {
                throw broken("\(name) has the kid of an earlier key")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw KeyFileError(
                code: .unusable, path: path,
                reason: (["the set holds no HS256 key"] + notes).joined(separator: "; "), cure: KeyFile.generateCure)
        }
        return KeyFile(keys: keys, notes: notes)
    }

    private func read(_ bytes: [UInt8]) throws(JSONError) -> [Member] {
        var json = try JSONReader(bytes)
        var members: [Member]?
        try json.beginObject()
        while let name = try json.nextName() {
            guard name == "keys" else { continue }
            var found: [Member] = []
            try json.beginArray()
            while try json.nextElement() { found.append(try member(&json)) }
            members = found
        }
        try json.end()
        guard let members else { throw JSONError(code: .wrongType, offset: 0) }
        return members
    }

    private func member(_ json: inout JSONReader) throws(JSONError) -> Member {
        var member = Member()
        try json.beginObject()
        while let name = try json.nextName() {
            switch name {
            case "kty": member.type = try json.string()
            case "alg": member.algorithm = try json.string()
            case "use": member.use = try json.string()
            case "kid": member.id = try json.string()
            case "key_ops":
                var operations: [String] = []
                try json.beginArray()
                while try json.nextElement() { operations.append(try json.string()) }
                member.operations = operations
            case "k": member.secret = try json.secret()
            case "signs_from": member.life.signsFrom = try json.integer()
            case "signs_until": member.life.signsUntil = try json.integer()
            case "verifies_until": member.life.verifiesUntil = try json.integer()
            default: break
            }
        }
        return member
    }

    /// Why a key is not for us; `nil` when it is.
    private func use(of member: Member) -> String? {
        if let type = member.type, type != "oct" { return "its kty is not oct" }
        if let algorithm = member.algorithm, algorithm != Algorithm.hs256.rawValue { return "its alg is not HS256" }
        if let use = member.use, use != "sig" { return "its use is not sig" }
        if let operations = member.operations, !operations.contains("sign") || !operations.contains("verify") {
            return "its key_ops are not sign and verify"
        }
        return nil
    }

    private func key(from member: Member, name: String) throws(KeyFileError) -> TokenKey {
        guard member.type != nil else { throw broken("\(name) has no kty") }
        guard let text = member.secret else { throw broken("\(name) has no k") }
        guard var bytes = text.withBytes({ Base64URL.decode($0) }) else {
            throw broken("k of \(name) is not base64url")
        }
        let secret = SecretBytes(taking: &bytes)
        guard secret.count >= TokenKey.shortestSecret else {
            throw KeyFileError(
                code: .short, path: path,
                reason: "\(name) has \(secret.count) bytes; HS256 needs at least \(TokenKey.shortestSecret)",
                cure: KeyFile.generateCure)
        }
        if let id = member.id, !TokenKey.isID(id) {
            throw broken("kid of \(name) is not 1 to 64 of A-Z a-z 0-9 _ . -")
        }
        let life = member.life
        if let from = life.signsFrom, let until = life.signsUntil, until <= from {
            throw broken("\(name) ends to sign before it begins")
        }
        if let until = life.signsUntil, let end = life.verifiesUntil, end < until {
            throw broken("\(name) ends to verify before it ends to sign")
        }
        do {
            return try TokenKey(secret: secret, id: member.id, origin: .keySet, life: life)
        } catch {
            throw KeyFileError(code: .unusable, path: path, reason: error.description, cure: "try again")
        }
    }

    private func broken(_ reason: String) -> KeyFileError {
        KeyFileError(code: .broken, path: path, reason: reason, cure: "correct it, or \(KeyFile.generateCure)")
    }
}
