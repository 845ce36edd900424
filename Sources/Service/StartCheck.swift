import System

/// What must be right before a worker starts: settings, secrets, the key, the place of the rate table. Never the
/// database, which may be away at boot.
public enum StartCheck {
    /// The faults, as lines with file, key, reason and cure; empty when all is well.
    public static func faults(settingsPath: String) -> [String] {
        let settings: Settings
        do throws(SettingsError) {
            settings = try SettingsFile.load(settingsPath)
        } catch {
            return ["\(error)"]
        }
        return [keyFault(settings), secretFault(settings), tableFault(settings)].compactMap { $0 }
    }

    private static func keyFault(_ settings: Settings) -> String? {
        do throws(StartError) {
            _ = try Resources.keys(settings)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func secretFault(_ settings: Settings) -> String? {
        do throws(StartError) {
            _ = try Assembly.peerSecret(settings)
            _ = try DatabaseSettings.place(settings)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func tableFault(_ settings: Settings) -> String? {
        let path = settings.service.ratesFile
        let user: SystemUser
        do throws(StartError) {
            user = try Resources.owner(settings)
        } catch {
            return "\(error)"
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard Files.exists(folder) else {
            return "\(path): the folder \(folder) does not exist. Cure: systemd-tmpfiles --create postern.conf"
        }
        guard Files.isWritable(directory: folder) else {
            return "\(path): \(SystemUser.current().name) may not write in the folder \(folder). "
                + "Cure: systemd-tmpfiles --create postern.conf, or run it as \(user.name)"
        }
        guard let status = try? FileStatus.of(path), status.owner != user.uid else { return nil }
        return "\(path): belongs to another user (\(status.permissions)). Cure: remove it, \(user.name) makes its own"
    }
}
