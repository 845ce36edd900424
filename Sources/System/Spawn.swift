import Glibc

/// Starts another program (posix_spawn(3)): no shell, no descriptor but those it is given, no signal blocked or ignored,
/// none of this process's environment.
enum Spawn {
    /// What it belongs to; whoever signals this process's group or terminal does not reach it.
    enum Membership {
        case ownProcessGroup
        case ownSession
    }

    /// What the program sees; nothing of this process's own.
    private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

    /// - Parameters:
    ///   - program: its path; no folders are searched.
    ///   - streams: its descriptors 0, 1, 2.
    static func start(
        _ program: String, _ arguments: [String], streams: [Int32], membership: Membership = .ownProcessGroup
    ) throws(SystemError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        // Ours are close-on-exec, but what we inherited may not be. To close one that is not open is no error.
        for number in try Files.list("/proc/self/fd").compactMap({ Int32($0) }) where number >= streams.count {
            unsafe posix_spawn_file_actions_addclose(&actions, number)
        }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        switch membership {
        case .ownProcessGroup:
            unsafe posix_spawnattr_setpgroup(&attributes, 0)
            flags |= POSIX_SPAWN_SETPGROUP
        case .ownSession: flags |= setSession
        }
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
        var names: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup($0) }
        unsafe words.append(nil)
        unsafe names.append(nil)
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe names.indices { unsafe free(names[index]) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, program, &actions, &attributes, words, names)
        guard code == 0 else { throw SystemError("run", path: program, errno: code) }
        return pid
    }

    /// POSIX_SPAWN_SETSID (spawn.h); glibc has it for GNU sources only.
    private static let setSession: Int32 = 0x80
}
