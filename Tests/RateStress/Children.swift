import Glibc
import System

/// Copies of this program with other arguments.
enum Children {
    static func spawn(_ arguments: [String]) throws -> pid_t {
        var words = unsafe (["RateStress"] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var pid = pid_t()
        let code = unsafe posix_spawn(&pid, "/proc/self/exe", nil, nil, &words, environ)
        guard code == 0 else { throw SystemError("posix_spawn", errno: code) }
        return pid
    }

    static func kill(_ pid: pid_t) {
        Glibc.kill(pid, SIGKILL)
        _ = wait(pid)
    }

    /// True when it ended well.
    static func wait(_ pid: pid_t) -> Bool {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }
}
