import System
import Testing

@testable import Service

@Suite struct SettingsTests {
    /// Writes a settings file (and drop-ins) into a folder of its own and loads it.
    private func load(_ text: String, dropIns: [String: String] = [:], name: String = #function) throws -> Settings {
        try SettingsFile.load(try write(text, dropIns: dropIns, name: name))
    }

    private func write(_ text: String, dropIns: [String: String] = [:], name: String) throws -> String {
        let plain = name.filter { $0.isLetter }
        let folder = "/tmp/postern-settings-\(Environment.processID)-\(plain)-\(UInt64.random(in: 0...UInt64.max))"
        try Files.makeDirectory(folder, mode: 0o700)
        try Files.replace(folder + "/postern.toml", with: Array(text.utf8), mode: 0o600)
        if !dropIns.isEmpty { try Files.makeDirectory(folder + "/conf.d", mode: 0o700) }
        for (file, text) in dropIns {
            try Files.replace(folder + "/conf.d/" + file, with: Array(text.utf8), mode: 0o600)
        }
        return folder + "/postern.toml"
    }

    private func fault(_ text: String) throws -> SettingsError {
        let path = try write(text, name: "fault")
        let error = #expect(throws: SettingsError.self) { try SettingsFile.load(path) }
        return try #require(error)
    }

    private let issuer = "[site]\nissuer = \"https://login.example.com\"\n"

    @Test("The issuer alone is enough; everything else has a default")
    func defaults() throws {
        let settings = try load(issuer)
        #expect(settings.site.issuer == "https://login.example.com")
        #expect(settings.audience == "https://login.example.com")
        #expect(settings.tokens.accessLife == 1800)
        #expect(settings.limits.login.text == "20/minute")
        #expect(!settings.limits.search.windows.isEmpty)
        #expect(settings.monitor.allow.count == 2)
        #expect(settings.tokens.migrationUntil == nil)
    }

    @Test("Without an issuer the file is refused and the key named")
    func noIssuer() throws {
        #expect(try fault("").key == "site.issuer")
        #expect(try fault("[site]\nissuer = \"\"\n").key == "site.issuer")
    }

    @Test("Drop-ins are read after the file, in the order of their names")
    func dropIns() throws {
        let settings = try load(
            issuer + "[log]\nlevel = \"info\"\n",
            dropIns: [
                "20.toml": "[log]\nlevel = \"error\"\n", "10.toml": "[log]\nlevel = \"debug\"\n", "x": "nonsense",
            ])
        #expect(settings.log.level == "error")
    }

    @Test("An unknown key is refused with its line and the nearest known one")
    func unknownKey() throws {
        let error = try fault(issuer + "\n[passwords]\nmin_lenght = 12\n")
        #expect(error.line == 5)
        #expect(error.key == "passwords.min_lenght")
        #expect(error.reason == "unknown key. Did you mean \"passwords.min_length\"?")
        #expect(
            error.description.hasSuffix(":5: passwords.min_lenght: unknown key. Did you mean \"passwords.min_length\"?")
        )
    }

    @Test("A misspelt section is refused with the nearest one")
    func unknownSection() throws {
        #expect(try fault(issuer + "[databse]\nname = \"x\"\n").reason == "unknown key. Did you mean \"database\"?")
    }

    @Test("Lists are read")
    func lists() throws {
        let settings = try load(
            issuer + "cors_origins = [\"https://a.example\", \"http://[::1]:8080\"]\n[monitor]\nallow = []\n")
        #expect(settings.site.corsOrigins == ["https://a.example", "http://[::1]:8080"])
        #expect(settings.monitor.allow.isEmpty)
    }

    @Test("Basic is off until it is switched on; its cache may be off")
    func basic() throws {
        #expect(try !load(issuer).gate.basic)
        #expect(try load(issuer).gate.basicCache == 10)
        for (text, seconds) in [("0s", 0), ("60s", 60), ("1m", 60)] {
            let settings = try load(issuer + "[gate]\nbasic = true\nbasic_cache = \"\(text)\"\n")
            #expect(settings.gate.basic)
            #expect(settings.gate.basicCache == seconds)
        }
    }

    @Test("A wrong rate is refused the way the manual says")
    func wrongRate() throws {
        let error = try fault(issuer + "[limits]\nlogin = \"20/minite\"\n")
        #expect(error.line == 4)
        #expect(
            error.reason
                == "\"20/minite\": unknown unit \"minite\" (second, minute, hour, day). Example: \"20/minute\", \"5/10s\""
        )
    }

    @Test("A rate may be a text or a table")
    func rates() throws {
        let settings = try load(
            issuer + "[limits]\napi = { rate = \"100/hour; 5/second\", per = \"address\" }\nsearch = \"1/s\"\n")
        #expect(settings.limits.api.per == .address)
        #expect(settings.limits.api.windows.map(\.limit) == [100, 5])
        #expect(settings.limits.search.windows.map(\.window) == [1_000_000_000])
    }

    @Test(
        "Values that do not fit are refused with their key",
        arguments: [
            ("[tokens]\naccess_life = \"3w\"", "tokens.access_life"),
            ("[tokens]\naccess_life = 30", "tokens.access_life"),
            ("[tokens]\naccess_life = \"1s\"", "tokens.access_life"),
            ("[passwords]\nmin_length = 4", "passwords.min_length"),
            ("[keys]\nfile = \"keys.jwks\"", "keys.file"), ("[keys]\nfile = \"\"", "keys.file"),
            ("[photos]\nenabled = \"yes\"", "photos.enabled"),
            ("[gate]\nbasic = \"yes\"", "gate.basic"), ("[gate]\nbasic_cache = \"61s\"", "gate.basic_cache"),
            ("[gate]\nbasic_cache = 10", "gate.basic_cache"),
            ("[monitor]\nallow = [\"10.0.0.0/33\"]", "monitor.allow"),
            ("[log]\nlevel = \"loud\"", "log.level"), ("cors_origins = [\"https://a.example/\"]", "site.cors_origins"),
            ("[tokens.migration]\nuntil = \"soon\"", "tokens.migration.until"),
            ("[service]\nsocket_mode = \"999\"", "service.socket_mode"),
            ("[limits]\nlogin = { per = \"address\" }", "limits.login"),
            ("[limits]\nlogin = { rate = \"1/s\", per = \"user\" }", "limits.login"),
        ])
    func wrongValues(text: String, key: String) throws {
        #expect(try fault(issuer + text + "\n").key == key)
    }

    @Test("A syntax error names line and column")
    func syntax() throws {
        let error = try fault("[site]\nissuer = https\n")
        #expect(error.line == 2)
        #expect(error.reason.hasPrefix("column "))
    }

    @Test("A missing file is named, with the way out")
    func missing() {
        let error = #expect(throws: SettingsError.self) { try SettingsFile.load("/nowhere/postern.toml") }
        #expect(error?.description.hasPrefix("/nowhere/postern.toml: cannot be read: No such file") == true)
    }

    @Test(
        "A migration date is a date or its text, and holds through that day",
        arguments: ["2026-12-31", "\"2026-12-31\""])
    func migration(date: String) throws {
        let settings = try load(issuer + "[tokens.migration]\nuntil = \(date)\n")
        #expect(settings.tokens.migrationUntil?.endOfDay == 1_798_761_600)
    }

    @Test("What is shown as TOML is read back as the same value")
    func shownAndRead() throws {
        let settings = try load(issuer + "[limits]\napi = \"7/10s\"\n[site.x]\n".replacing("[site.x]\n", with: ""))
        var text = ""
        for key in SettingKeys.all where key.show(settings) != "\"\"" {
            text += "\(key.name) = \(key.show(settings))\n"
        }
        let again = try load(text)
        for key in SettingKeys.all { #expect(key.show(again) == key.show(settings), "\(key.name)") }
    }

    @Test("No two keys share a name, and each has a comment")
    func names() {
        #expect(Set(SettingKeys.all.map(\.name)).count == SettingKeys.all.count)
        #expect(SettingKeys.all.allSatisfy { !$0.comment.isEmpty })
    }
}
