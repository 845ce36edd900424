import Glibc
import System

extension TableFile {
    /// Maps the table that is there, or makes one when there is none or it is not usable. Processes that come at the
    /// same time agree on one file: the maker holds a lock on the folder, which the kernel frees when it dies.
    /// Without a capacity none is made.
    ///
    /// - Parameters:
    ///   - predecessor: a mapping whose counts go into the new file; it is marked superseded first.
    ///   - patience: how long to wait for that lock, ms.
    func openOrCreate(anyCapacity: Bool, predecessor: Mapping? = nil, patience: Int = 2000) throws(RateError) -> Mapping
    {
        do {
            return try openExisting(anyCapacity: anyCapacity)
        } catch  where capacity != nil && (error.code == .absent || error.code == .unusable) {
            guard geteuid() == owner else {
                throw RateError(
                    error.code, path: path, reason: "\(error.reason); only its owner, user \(owner), may make one")
            }
        }
        let folder = try lockFolder(patience: patience)
        defer { withExtendedLifetime(folder) {} }
        do {
            // Somebody was faster.
            return try openExisting(anyCapacity: anyCapacity)
        } catch  where error.code == .absent || error.code == .unusable {
            guard let capacity else { throw error }
            return try create(capacity, predecessor: predecessor)
        }
    }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Making a table takes milliseconds.
    private func lockFolder(patience milliseconds: Int) throws(RateError) -> Folder {
        do throws(SystemError) {
            let folder = try Folder(FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY))
            for _ in 0..<milliseconds {
                if flock(folder.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 { return folder }
                guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError.last("flock", path: path) }
                usleep(1000)
            }
        } catch {
            throw RateError(error, path: path)
        }
        throw RateError(.busy, path: path, reason: "another process holds the lock of its folder")
    }

    /// The lock goes with the descriptor.
    private final class Folder {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    /// Under the folder's lock: made and filled under a temporary name, then renamed into place.
    private func create(_ capacity: Int, predecessor: Mapping?) throws(RateError) -> Mapping {
        let temporary = path + ".new"
        unsafe unlink(temporary)
        do {
            let file = try FileDescriptor.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            // The umask may have taken bits away.
            guard fchmod(file.rawValue, 0o600) == 0 else { throw SystemError.last("fchmod", path: temporary) }
            let heir = predecessor.flatMap { $0.capacity == capacity ? $0 : nil }
            let bytes = Layout.bytes(capacity: capacity)
            let code = posix_fallocate(file.rawValue, 0, off_t(bytes))
            guard code == 0 else { throw SystemError("allocate \(bytes) bytes for", path: path, errno: code) }
            try writeHeader(file, capacity: capacity, bytes: bytes, heir: heir)
            let mapping = try Mapping(file, status: FileStatus.of(file, path: temporary), path: path)
            // From here on nobody trusts a decision of the old file that ends later, so the copy has them all.
            predecessor?.view.words.store(Layout.Header.superseded, 1)
            if let heir { mapping.inherit(from: heir) }
            guard unsafe rename(temporary, path) == 0 else {
                let error = SystemError.last("rename", path: path)
                mapping.unmap()
                throw error
            }
            return mapping
        } catch let error as SystemError {
            unsafe unlink(temporary)
            throw RateError(error, path: path)
        } catch let error as RateError {
            unsafe unlink(temporary)
            throw error
        } catch {
            throw RateError(.unusable, path: path, reason: "\(error)")
        }
    }

    private func writeHeader(
        _ file: borrowing FileDescriptor, capacity: Int, bytes: Int, heir: Mapping?
    ) throws(SystemError) {
        // The system's generator: getrandom(2).
        let random = (0..<4).map { _ in UInt64.random(in: .min ... .max) }
        var header = [UInt64](repeating: 0, count: 16)
        header[Layout.Header.magic] = Layout.magic
        header[Layout.Header.version] = Layout.version
        header[Layout.Header.capacity] = UInt64(capacity)
        header[Layout.Header.bytes] = UInt64(bytes)
        header[Layout.Header.stamp] = random[0]
        header[Layout.Header.bootHigh] = boot.0
        header[Layout.Header.bootLow] = boot.1
        header[Layout.Header.hashKey0] = heir?.view.hashKey.0 ?? random[1]
        header[Layout.Header.hashKey1] = heir?.view.hashKey.1 ?? random[2]
        header[Layout.Header.lineage] = heir?.view.lineage ?? random[3]
        header[Layout.Header.seal] = HeaderConstants { header[$0] }.seal
        let bytes = unsafe header.withUnsafeBytes { unsafe Array($0) }
        try file.writeAll(bytes, path: path)
    }
}

extension Mapping {
    /// Everything behind the header, and of the header the counters.
    fileprivate func inherit(from old: Mapping) {
        view.words.advanced(by: Layout.headerWords).copy(
            from: old.view.words.advanced(by: Layout.headerWords),
            count: length / Layout.wordBytes - Layout.headerWords)
        let counters = Statistics.Counter.allCases.map { Layout.Header.statistics + $0.rawValue }
        let limits = Array(Layout.Header.limits..<Layout.headerWords)
        for word in [Layout.Header.userChanges] + counters + limits {
            view.words.store(word, old.view.words.load(word))
        }
    }
}
