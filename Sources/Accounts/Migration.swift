import Cryptography
import System

/// One file of the folder database/.
public struct Migration: Sendable, Equatable {
    /// Where the package installs the files.
    public static let installedDirectory = "/usr/share/postern/database"

    public let number: Int
    /// `users_and_photos` of `0001_users_and_photos.sql`
    public let name: String
    public let sql: String
    /// SHA-256 of the file, as sha256sum(1) prints it.
    public let checksum: String

    public var fileName: String {
        let digits = String(number)
        return String(repeating: "0", count: 4 - digits.count) + digits + "_" + name + ".sql"
    }

    init(fileName: String, bytes: [UInt8]) throws(MigrationError) {
        let parts = fileName.dropLast(4).split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[0].first != "+", let number = UInt16(parts[0]) else {
            throw .unusableFile(fileName, reason: "the name is not NNNN_what.sql")
        }
        // The name stands in SQL and in messages.
        guard parts[1].utf8.allSatisfy(Self.isNameByte) else {
            throw .unusableFile(fileName, reason: "the name may hold a-z, 0-9 and _")
        }
        guard let sql = String(validating: bytes, as: UTF8.self), !sql.utf8.contains(0) else {
            throw .unusableFile(fileName, reason: "not UTF-8 text")
        }
        guard let hash = try? sha256(bytes) else { throw .unusableFile(fileName, reason: "SHA-256 is not to be had") }
        self.number = Int(number)
        name = String(parts[1])
        self.sql = sql
        checksum = hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// The migrations of a release: the table that records them, and the numbered ones from 1 on without a gap.
public struct MigrationSet: Sendable, Equatable {
    /// `0000_schema_migrations.sql`
    public let record: Migration
    public let migrations: [Migration]

    public var highest: Int { migrations.last?.number ?? 0 }

    public init(directory: String = Migration.installedDirectory) throws(MigrationError) {
        var files: [Migration] = []
        do {
            for name in try Files.list(directory) where name.hasSuffix(".sql") {
                files.append(
                    try Migration(fileName: name, bytes: try Files.read("\(directory)/\(name)", limit: 1 << 20)))
            }
        } catch let error as SystemError {
            throw .unusableFile(directory, reason: "\(error)")
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .unusableFile(directory, reason: "\(error)")
        }
        files.sort { $0.number < $1.number }
        for (expected, file) in files.enumerated() where file.number != expected {
            let reason = file.number < expected ? "its number is used twice" : "number \(expected) is missing"
            throw .unusableFile("\(directory)/\(file.fileName)", reason: reason)
        }
        guard let record = files.first else {
            throw .unusableFile(directory, reason: "no migrations here")
        }
        self.record = record
        migrations = Array(files.dropFirst())
    }
}
