import Service
import System

/// The workers, by what they tell of themselves beside the rate table.
enum WorkersLook {
    /// - Parameter path: of the settings.
    static func findings(_ settings: Settings, path: String) -> [Finding] {
        let folder = StatusFolder(settings).path
        // Its absence is told with the rate table.
        guard Files.exists(folder), SystemUser.current().name == settings.service.user else { return [] }
        guard Files.isWritable(directory: folder) else {
            return [
                .fail(
                    "workers",
                    "\(folder): \(settings.service.user) may not write here, so no worker tells of itself. "
                        + "Cure: systemd-tmpfiles --create postern.conf")
            ]
        }
        do throws(SystemError) {
            let line = try WorkersGlance(settings, systemd: StatusCommand.wants(path), now: .now()).line
            let text = [line.head, line.detail].filter { !$0.isEmpty }.joined(separator: " · ")
            if line.health == .well { return [.ok("workers", text)] }
            let cure = line.health == .down ? "systemctl start postern" : "systemctl status postern 'postern-worker@*'"
            return [.warn("workers", text, cure: cure)]
        } catch {
            return [.fail("workers", "\(error)")]
        }
    }
}
