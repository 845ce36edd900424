import Glibc

/// A user of the operating system (passwd(5)); people who log in are `Accounts.User`.
public struct SystemUser: Sendable, Equatable {
    public let name: String
    public let uid: UInt32
    public let gid: UInt32

    public static func named(_ name: String) -> SystemUser? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return SystemUser(name: name, uid: unsafe entry.pw_uid, gid: unsafe entry.pw_gid)
    }

    public static func current() -> SystemUser {
        SystemUser(name: name(of: geteuid()), uid: geteuid(), gid: getegid())
    }

    /// The user's name, or the number where it has none.
    public static func name(of uid: UInt32) -> String {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard unsafe getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return String(uid)
        }
        return unsafe String(cString: entry.pw_name)
    }

    public var isRoot: Bool { uid == 0 }

    /// Becomes this user for good: groups, gid, uid, and checks that there is no way back.
    public func become() throws(SystemError) {
        guard unsafe initgroups(name, gid) == 0 else { throw .last("initgroups \(name)") }
        // Called by root, setgid(2) and setuid(2) set the real, effective and saved number alike.
        guard setgid(gid) == 0 else { throw .last("setgid \(name)") }
        guard setuid(uid) == 0 else { throw .last("setuid \(name)") }
        guard uid == 0 || setuid(0) != 0 else { throw SystemError("drop to \(name)", errno: EPERM) }
    }
}

/// A group of the operating system (group(5)).
public enum SystemGroup {
    public static func number(of name: String) -> UInt32? {
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.gr_gid
    }

    /// The group's name, or the number where it has none.
    public static func name(of gid: UInt32) -> String {
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard unsafe getgrgid_r(gid, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return String(gid)
        }
        return unsafe String(cString: entry.gr_name)
    }
}
