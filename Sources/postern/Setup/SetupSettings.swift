import Service
import System

/// The settings file as text, changed in place.
struct SetupFile {
    let path: String
    private(set) var text: String
    private let status: FileStatus

    init(_ path: String) throws {
        self.path = path
        guard Files.exists(path) else {
            throw Failure("\(path): there are no settings. Cure: install the package again, or name them with --config")
        }
        status = try FileStatus.of(path)
        guard let text = String(validating: try Files.read(path, limit: 1 << 20), as: UTF8.self) else {
            throw Failure("\(path): is not UTF-8")
        }
        self.text = text
    }

    /// In one step; mode and group stay.
    mutating func set(_ name: String, in section: String, to value: String) throws {
        try Steps.say("settings", "\(path): \(section).\(name) = \(SettingsText.quoted(value))")
        text = SettingsText.setting(name, in: section, to: value, text)
        let group = SystemGroup.name(of: status.group)
        try Files.replace(
            path, with: Array(text.utf8), mode: status.mode, group: SystemGroup.number(of: group) == nil ? nil : group)
    }
}

/// What nobody but the sysadmin can know.
enum SetupSettings {
    static func prepare(
        _ file: inout SetupFile, issuer: String?, databaseSocket: String?, _ questions: Questions
    ) throws {
        // Settings that cannot be read are so for want of the issuer, or say below what else is wrong.
        let present = try? SettingsFile.load(file.path)
        if let set = present?.site.issuer {
            guard issuer == nil || issuer == set else {
                throw Failure(
                    "\(file.path): site.issuer is \(SettingsText.quoted(set)) already; another one voids every token. "
                        + "Cure: change it there")
            }
            try Steps.say("settings", "\(file.path): site.issuer is already there")
        } else {
            let issuer = try questions.answer(
                issuer, option: "--issuer", question: "Issuer (https://login.example.com)")
            guard isIssuer(issuer) else {
                throw Failure(
                    "site.issuer: \(TerminalText.safe(issuer)) is not an https address. "
                        + "Example: https://login.example.com", status: ExitStatus.unusable)
            }
            try file.set("issuer", in: "site", to: issuer)
        }
        if let databaseSocket, databaseSocket != present?.database.socket {
            try file.set("socket", in: "database", to: databaseSocket)
        }
    }

    /// What the settings take, so that nothing is written that they refuse.
    private static func isIssuer(_ text: String) -> Bool {
        text.hasPrefix("https://") && text.utf8.count > 8
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    }
}
