import ArgumentParser
import Service
import System

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What the workers are doing now.",
        discussion: "Exit status 0 well, 1 degraded (that line first, marked !), 2 down.")

    /// Where `systemctl enable postern-worker@N` puts its links; `nil` for settings that are not those of the service.
    static func wants(_ settingsPath: String) -> String? {
        settingsPath == SettingsFile.standardPath ? "/etc/systemd/system/postern.service.wants" : nil
    }

    @OptionGroup var watch: WatchOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.enter(config.path)
        let files = try Rights.files(config.path)
        let mayLook = SystemUser.current().name == settings.service.user
        let systemd = StatusCommand.wants(config.path)
        let names = UserNames(settings)
        var health = Health.down
        try Watch.run(watch, isJSON: output.isJSON) {
            names.askAgain()
            let now = Moment.now()
            let report =
                mayLook
                ? StatusReport(settings, files: files, names, systemd: systemd, now: now)
                : StatusReport(publicOnly: settings, files: files, now: now)
            health = report.health
            return output.isJSON ? report.json.text + "\n" : report.text
        }
        if health != .well { throw ExitCode(health.rawValue) }
    }
}
