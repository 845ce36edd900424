import Glibc

/// What stat(2) tells of a file, symbolic links followed.
public struct FileStatus: Sendable, Equatable {
    public let device: UInt64
    public let inode: UInt64
    public let size: Int
    /// Permission bits only: 0o640.
    public let mode: Int
    public let owner: UInt32
    public let group: UInt32
    /// Time of the last change, ns since 1970.
    public let modified: Int64
    public let links: UInt64
    public let isRegular: Bool

    public static func of(_ path: String) throws(SystemError) -> FileStatus {
        var buffer = stat()
        guard unsafe stat(path, &buffer) == 0 else { throw .last("stat", path: path) }
        return FileStatus(buffer)
    }

    public static func of(_ descriptor: borrowing FileDescriptor, path: String) throws(SystemError) -> FileStatus {
        var buffer = stat()
        guard unsafe fstat(descriptor.rawValue, &buffer) == 0 else { throw .last("fstat", path: path) }
        return FileStatus(buffer)
    }

    private init(_ buffer: stat) {
        device = UInt64(buffer.st_dev)
        inode = UInt64(buffer.st_ino)
        size = Int(buffer.st_size)
        mode = Int(buffer.st_mode & 0o7777)
        owner = buffer.st_uid
        group = buffer.st_gid
        modified = Int64(buffer.st_mtim.tv_sec) * 1_000_000_000 + Int64(buffer.st_mtim.tv_nsec)
        links = UInt64(buffer.st_nlink)
        isRegular = buffer.st_mode & S_IFMT == S_IFREG
    }

    /// "0640 root:_postern", the way `ls` and `chmod` speak.
    public var permissions: String {
        let octal = String(mode, radix: 8)
        let padded = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
        return "\(padded) \(SystemUser.name(of: owner)):\(SystemGroup.name(of: group))"
    }
}
