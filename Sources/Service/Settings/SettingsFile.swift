import HTTP
import System
import TOMLKit

/// Reads /etc/postern/postern.toml and then conf.d/*.toml beside it, strictly.
public enum SettingsFile {
    public static let standardPath = "/etc/postern/postern.toml"
    private static let sizeLimit = 1 << 20

    /// - Throws: the first fault found, with file, line and key.
    public static func load(_ path: String = standardPath) throws(SettingsError) -> Settings {
        var settings = Settings()
        var seen: Set<String> = []
        for file in try files(path) {
            try read(file, into: &settings, seen: &seen)
        }
        for key in SettingKeys.all where key.isRequired && !seen.contains(key.name) {
            throw SettingsError(file: path, key: key.name, reason: "is not set. \(key.comment)")
        }
        try check(settings, file: path)
        return settings
    }

    /// The main file and the drop-ins, in the order they are read.
    private static func files(_ path: String) throws(SettingsError) -> [String] {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let dropIns = folder + "/conf.d"
        var files = [path]
        do throws(SystemError) {
            for name in try Files.list(dropIns) where name.hasSuffix(".toml") { files.append(dropIns + "/" + name) }
        } catch  where error.isNotFound {
            return files
        } catch {
            throw SettingsError(file: dropIns, reason: "cannot be listed: \(error.reason)")
        }
        return files
    }

    private static func read(
        _ file: String, into settings: inout Settings, seen: inout Set<String>
    ) throws(SettingsError) {
        let text = try content(of: file)
        let lines = SettingLines(text)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw SettingsError(
                file: file, line: place.line, reason: "column \(place.column): \(error.description)")
        } catch {
            throw SettingsError(file: file, reason: "cannot be read as TOML")
        }
        try read(SettingValue(table), prefix: "", file: file, lines: lines, into: &settings, seen: &seen)
    }

    private static func content(of file: String) throws(SettingsError) -> String {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(file, limit: sizeLimit)
        } catch {
            throw SettingsError(
                file: file,
                reason: "cannot be read: \(error.reason). Cure: install the package again, or name a file with --config"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsError(file: file, reason: "is not UTF-8")
        }
        return text
    }

    private static func read(
        _ value: SettingValue, prefix: String, file: String, lines: SettingLines,
        into settings: inout Settings, seen: inout Set<String>
    ) throws(SettingsError) {
        guard case .table(let members) = value else { return }
        for member in members {
            let name = prefix.isEmpty ? member.key : prefix + "." + member.key
            if let key = SettingKeys.named(name) {
                do throws(SettingFault) {
                    try key.read(member.value, &settings)
                } catch {
                    throw SettingsError(file: file, line: lines.line(of: name), key: name, reason: error.reason)
                }
                seen.insert(name)
            } else if case .table = member.value, SettingKeys.all.contains(where: { $0.name.hasPrefix(name + ".") }) {
                try read(member.value, prefix: name, file: file, lines: lines, into: &settings, seen: &seen)
            } else {
                throw unknown(name, file: file, line: lines.line(of: name))
            }
        }
    }

    private static func unknown(_ name: String, file: String, line: Int?) -> SettingsError {
        let known = SettingKeys.all.map(\.name) + Set(SettingKeys.all.map(\.section)).sorted()
        let nearest = known.min { EditDistance.between($0, name) < EditDistance.between($1, name) }
        var reason = "unknown key"
        if let nearest, EditDistance.between(nearest, name) <= 4 { reason += ". Did you mean \"\(nearest)\"?" }
        return SettingsError(file: file, line: line, key: name, reason: reason)
    }

    /// What no key can know alone.
    private static func check(_ settings: Settings, file: String) throws(SettingsError) {
        if settings.database.server.isEmpty && settings.database.socket.isEmpty {
            throw SettingsError(file: file, key: "database.socket", reason: "is empty, and database.server too")
        }
        if settings.keys.file.isEmpty {
            throw SettingsError(file: file, key: "keys.file", reason: "is empty. Cure: postern key generate")
        }
        if settings.service.ratesFile.isEmpty {
            throw SettingsError(
                file: file, key: "service.rates_file", reason: "is empty. Example: \"/run/postern/rates\"")
        }
        if settings.limits.parameters.count > ParameterName.most {
            throw SettingsError(
                file: file, key: "limits",
                reason: "count by more than \(ParameterName.most) different parameters. Cure: let limits share one")
        }
    }
}
