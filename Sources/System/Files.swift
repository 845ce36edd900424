import Glibc

/// Whole files: read, replaced in one step, listed.
public enum Files {
    /// Reads a whole file; one longer than `limit` bytes is refused with EFBIG.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        try readWithStatus(path, limit: limit).bytes
    }

    /// The same, with the status of the very file that was read.
    public static func readWithStatus(
        _ path: String, limit: Int
    ) throws(SystemError) -> (status: FileStatus, bytes: [UInt8]) {
        // O_NONBLOCK: a FIFO in the file's place must not hang the caller.
        let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        let status = try FileStatus.of(file, path: path)
        guard status.isRegular else {
            throw SystemError("read", path: path, errno: EINVAL, reason: "is not a regular file")
        }
        let bytes = try file.readAll(limit: limit + 1, path: path)
        guard bytes.count <= limit else { throw SystemError("read", path: path, errno: EFBIG) }
        return (status, bytes)
    }

    /// Replaces `path` by a new file in one step: readers see the old or the new content, never a part.
    /// A failure (a full disk) leaves the old file and no rest.
    ///
    /// - Parameter durably: survives a loss of power (fsync(2)); false for what is worth nothing after a restart.
    public static func replace(
        _ path: String, with bytes: [UInt8], mode: Int, group: String? = nil, durably: Bool = true
    ) throws(SystemError) {
        let temporary = "\(path).new-\(getpid())"
        unsafe unlink(temporary)
        do throws(SystemError) {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            try file.writeAll(bytes, path: temporary)
            if let group {
                guard let gid = SystemGroup.number(of: group) else {
                    throw SystemError("find group \(group)", errno: ENOENT)
                }
                guard fchown(file.rawValue, uid_t.max, gid) == 0 else { throw .last("chown", path: path) }
            }
            guard fchmod(file.rawValue, mode_t(mode)) == 0 else { throw .last("chmod", path: path) }
            guard !durably || fsync(file.rawValue) == 0 else { throw .last("fsync", path: path) }
            guard unsafe rename(temporary, path) == 0 else { throw .last("rename", path: path) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
    }

    /// The names in a directory, sorted, without "." and "..".
    public static func list(_ directory: String) throws(SystemError) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw .last("open", path: directory) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether this process may make files in a directory (access(2)).
    public static func isWritable(directory: String) -> Bool { unsafe access(directory, W_OK | X_OK) == 0 }

    public static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 else { throw .last("remove", path: path) }
    }

    public static func makeDirectory(_ path: String, mode: Int) throws(SystemError) {
        guard unsafe mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else { throw .last("mkdir", path: path) }
    }
}
