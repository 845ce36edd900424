import Glibc
import System

/// The file that holds the table: how it is checked, made and replaced.
struct TableFile: Sendable {
    let path: String
    /// Entries of a table made here. `nil`: none is ever made here, and one of any size will do.
    let capacity: Int?
    let owner: UInt32
    /// The table of this boot, 128 bits of /proc/sys/kernel/random/boot_id.
    let boot: (UInt64, UInt64)

    init(path: String, capacity: Int?, owner: UInt32) throws(RateError) {
        guard capacity.map(Layout.capacities.contains) ?? true else {
            throw RateError(
                .capacity, path: path,
                reason: "a table has \(Layout.capacities.lowerBound) to \(Layout.capacities.upperBound) entries")
        }
        self.path = path
        self.capacity = capacity
        self.owner = owner
        do {
            boot = try TableFile.bootID()
        } catch {
            throw RateError(error, path: path)
        }
    }

    private static func bootID() throws(SystemError) -> (UInt64, UInt64) {
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 64, path: path)
        let digits = String(decoding: text, as: UTF8.self).filter(\.isHexDigit)
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { throw SystemError("parse", path: path, errno: EINVAL) }
        return (high, low)
    }

    /// Maps the file that is there. `anyCapacity`: a running worker takes the size it finds; at the start another
    /// size than the settings' is replaced.
    func openExisting(anyCapacity: Bool) throws(RateError) -> Mapping {
        let file: FileDescriptor
        do {
            // O_NONBLOCK: a FIFO in its place must not hold us.
            file = try FileDescriptor.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        } catch  where error.errno == ENOENT {
            throw RateError(.absent, path: path, reason: "there is no table")
        } catch  where error.errno == ELOOP {
            throw foreign("is a symbolic link")
        } catch  where error.errno == EISDIR || error.errno == ENXIO {
            throw foreign("is not a regular file")
        } catch {
            throw RateError(error, path: path)
        }
        let status = try check(file)
        try checkHeader(file, size: status.size, anyCapacity: anyCapacity)
        return try Mapping(file, status: status, path: path)
    }

    private func check(_ file: borrowing FileDescriptor) throws(RateError) -> FileStatus {
        let status: FileStatus
        do {
            status = try FileStatus.of(file, path: path)
        } catch {
            throw RateError(error, path: path)
        }
        guard status.isRegular else { throw foreign("is not a regular file") }
        guard status.owner == owner else { throw foreign("belongs to another user (\(status.permissions))") }
        guard status.mode == 0o600 else { throw foreign("has other permissions than 0600 (\(status.permissions))") }
        guard status.links <= 1 else { throw foreign("has \(status.links) hard links") }
        guard status.links == 1 else { throw RateError(.absent, path: path, reason: "was just unlinked") }
        return status
    }

    private func foreign(_ what: String) -> RateError {
        RateError(.foreignFile, path: path, reason: "refused: \(what). Cure: remove it, the worker makes its own")
    }

    private func checkHeader(_ file: borrowing FileDescriptor, size: Int, anyCapacity: Bool) throws(RateError) {
        var header = [UInt64](repeating: 0, count: Layout.headerWords)
        let wanted = header.count * Layout.wordBytes
        let count = unsafe header.withUnsafeMutableBytes { unsafe pread(file.rawValue, $0.baseAddress, wanted, 0) }
        guard count == wanted, header[Layout.Header.magic] == Layout.magic else { throw unusable("not a rate table") }
        guard header[Layout.Header.version] == Layout.version else { throw unusable("another layout") }
        guard HeaderConstants({ header[$0] }).isSealed else { throw unusable("damaged: its header has changed") }
        // Somebody put it back, or the word is damaged: no decision on it would count.
        guard header[Layout.Header.superseded] == 0 else { throw unusable("another file took over from it") }
        // The command only looks at what workers use, and in a container (nspawn, Incus) it sees another boot id: the
        // container's lies over /proc, and a sandboxed unit has a /proc of its own without it.
        let isOfThisBoot = header[Layout.Header.bootHigh] == boot.0 && header[Layout.Header.bootLow] == boot.1
        guard isOfThisBoot || capacity == nil else { throw unusable("made before the last boot") }
        guard let found = Int(exactly: header[Layout.Header.capacity]), Layout.capacities.contains(found),
            header[Layout.Header.bytes] == UInt64(size), size == Layout.bytes(capacity: found)
        else { throw unusable("damaged: size and capacity do not fit") }
        guard anyCapacity || capacity == nil || found == capacity else { throw unusable("another capacity (\(found))") }
    }

    private func unusable(_ what: String) -> RateError {
        RateError(.unusable, path: path, reason: what)
    }
}
