import Glibc

/// The process's environment and place.
public enum Environment {
    public static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// Removes a name, so that it is not handed to anything this process starts.
    public static func remove(_ name: String) { unsafe unsetenv(name) }

    public static var processID: Int32 { getpid() }

    public static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
