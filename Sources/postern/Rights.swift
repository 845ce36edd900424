import Service
import System

/// Whose settings root obeys, and as whom it goes on.
enum Rights {
    /// Reads the settings. Run by root, only files that nobody but root can write.
    static func settings(_ path: String) throws -> Settings {
        if SystemUser.current().isRoot { try requireTrust(path) }
        do throws(SettingsError) {
            return try SettingsFile.load(path)
        } catch {
            guard error.key == "site.issuer" else { throw error }
            // The one key without a default: most likely nothing is set up yet.
            throw Failure("\(error). Cure: correct it there, or postern setup where nothing is set up yet")
        }
    }

    /// Reads the settings and, run by root, becomes the service's user for good: what the command then can do is what
    /// a worker can do.
    static func enter(_ path: String) throws -> Settings {
        let settings = try settings(path)
        guard SystemUser.current().isRoot else { return settings }
        let user = try serviceUser(settings, path: path)
        if !user.isRoot { try user.become() }
        return settings
    }

    static func serviceUser(_ settings: Settings, path: String) throws(Failure) -> SystemUser {
        guard let user = SystemUser.named(settings.service.user) else {
            throw Failure(
                "\(path): service.user: there is no system user \"\(settings.service.user)\". "
                    + "Cure: systemd-sysusers postern.conf, or correct the setting")
        }
        return user
    }

    /// The files that `SettingsFile.load` reads, in its order.
    static func files(_ path: String) throws(SystemError) -> [String] {
        let dropIns = folder(of: path) + "/conf.d"
        guard Files.exists(dropIns) else { return [path] }
        return [path] + (try Files.list(dropIns)).filter { $0.hasSuffix(".toml") }.map { dropIns + "/" + $0 }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func requireTrust(_ path: String) throws {
        // A missing file is the settings' own error.
        guard Files.exists(path) else { return }
        let folders = Set([folder(of: path), folder(of: path) + "/conf.d"]).filter(Files.exists)
        for place in try files(path) + folders.sorted() {
            let status = try FileStatus.of(place)
            guard isTrusted(status) else {
                throw Failure(
                    "\(place): others than root can write it (\(status.permissions)), and root obeys no such settings. "
                        + "Cure: chown root and chmod go-w, or run postern as that user")
            }
        }
    }

    /// In a sticky folder (/tmp) others may add files but not replace root's.
    static func isTrusted(_ status: FileStatus) -> Bool {
        let isSticky = !status.isRegular && status.mode & 0o1000 != 0
        return status.owner == 0 && (status.mode & 0o022 == 0 || isSticky)
    }
}
