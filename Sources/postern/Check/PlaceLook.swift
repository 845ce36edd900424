import Service
import System

/// What nginx and the workers share.
enum PlaceLook {
    private static let standardSocket = "/run/postern/postern.sock"

    /// Where the workers listen: of the settings, else systemd's.
    static func socketPath(_ settings: Settings) -> String {
        settings.service.socket.isEmpty ? standardSocket : settings.service.socket
    }

    static func socket(_ settings: Settings) -> Finding {
        let path = socketPath(settings)
        do throws(SystemError) {
            let status = try FileStatus.of(path)
            if status.isRegular {
                return .fail(
                    "socket", "\(path): a file, not a socket. Cure: remove it and systemctl restart postern.socket")
            }
            guard status.mode & 0o006 == 0 else {
                return .warn(
                    "socket", "\(path) \(status.permissions): every user of this host may connect", cure: "chmod 0660")
            }
            return .ok("socket", "\(path) \(status.permissions)")
        } catch {
            let reason = error.isNotFound ? "\(path): nothing listens there" : "\(error)"
            return .warn("socket", reason, cure: "systemctl enable --now postern")
        }
    }

    /// - Parameter path: of the settings, for the worker's own check.
    static func peer(_ settings: Settings, path: String) -> Finding {
        let secret = settings.service.peerSecretFile
        guard !secret.isEmpty else {
            return .warn(
                "peer", "no peer secret: whatever runs as nginx's user (PHP) may speak to the workers",
                cure: "postern setup"
            )
        }
        // What would keep a worker from starting, in its own words.
        if let fault = StartCheck.faults(settingsPath: path).first(where: { $0.hasPrefix(secret + ":") }) {
            return .fail("peer", fault)
        }
        return .ok("peer", "\(secret) in use")
    }
}
