import Cryptography
import Service
import System
import Tokens

/// The secrets that workers and nginx need; those that are there stay.
enum SetupSecrets {
    static func key(_ settings: Settings, group: String) throws {
        let path = settings.keys.file
        guard !Files.exists(path) else {
            _ = try KeyFile.load(path)
            return try Steps.say("key", "\(path) is already there")
        }
        try Steps.say("key", "\(path): a new secret, 0640 root:\(group)")
        var bytes = try NewKey.keySet(id: NewKey.id(at: Timestamp.text(Moment.now().wall)))
        defer { wipe(&bytes) }
        _ = try NewKey.write(bytes, to: path, group: group)
    }

    /// One random value in two files: the worker's, and the one that nginx's master reads.
    static func peer(_ settings: Settings, file: inout SetupFile, group: String, nginx: String) throws {
        guard Files.exists(nginx) else {
            return try Steps.say("peer", "\(nginx) is not there, so no peer secret. Run setup again when nginx is")
        }
        let isSet = !settings.service.peerSecretFile.isEmpty
        let path = isSet ? settings.service.peerSecretFile : Rights.folder(of: file.path) + "/peer.secret"
        var secret = try workersSecret(path, group: group)
        defer { wipe(&secret) }
        try writeNginx(secret, nginx + "/postern-peer.conf")
        // Last: from now on the workers want it.
        if !isSet { try file.set("peer_secret_file", in: "service", to: path) }
    }

    private static func workersSecret(_ path: String, group: String) throws -> [UInt8] {
        if Files.exists(path) {
            try Steps.say("peer", "\(path) is already there")
            var secret = try Files.read(path, limit: 4096)
            if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
            guard secret.count >= 16, secret.allSatisfy(isPlain) else {
                throw Failure(
                    "\(path): not at least 16 of A-Z a-z 0-9 _ -, which nginx takes as they are. "
                        + "Cure: remove it and run postern setup again")
            }
            return secret
        }
        try Steps.say("peer", "\(path): a new secret, 0640 root:\(group)")
        let secret = try NewKey.rawSecret()
        _ = try NewKey.write(secret + [UInt8(ascii: "\n")], to: path, group: group)
        return secret
    }

    private static func writeNginx(_ secret: [UInt8], _ path: String) throws {
        var line = Array("# Written by postern setup. Proves to Postern's workers that nginx is asking.\n".utf8)
        line += Array("fastcgi_param POSTERN_PEER \"".utf8) + secret + Array("\";\n".utf8)
        defer { wipe(&line) }
        let mode = 0o600
        if Files.exists(path), try FileStatus.of(path).mode == mode, try Files.read(path, limit: 65_536) == line {
            return try Steps.say("peer", "\(path) is already there")
        }
        try Steps.say("peer", "\(path): the same secret for nginx, 0600 root")
        try Files.replace(path, with: line, mode: mode)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
