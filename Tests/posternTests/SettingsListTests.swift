import Service
import Testing
import Tokens

@testable import postern

@Suite("postern config")
struct SettingsListTests {
    @Test("All settings as JSON are well-formed, whatever their kind")
    func json() throws {
        var settings = Settings()
        settings.tokens.migrationUntil = Date("2026-12-31")
        settings.site.corsOrigins = ["https://a.example", "https://b.example"]
        settings.site.issuer = #"https://quote".example\"#
        let text = SettingsList(SettingKeys.all, of: settings).json
        var json = try JSONReader(Array(text.utf8))
        try json.skip()
        try json.end()
        #expect(text.contains(#""migration":{"until":"2026-12-31"}"#))
        #expect(text.contains(#""login":{ "rate":"20/minute", "per":"address" }"#))
    }

    @Test("A limit that the sysadmin named is shown with the others, as TOML and as JSON")
    func namedLimit() throws {
        var settings = Settings()
        settings.limits.named["downloads"] = try RateLimit(parsing: "9/hour; 2/s", per: .address)
        settings.limits.named["downloads"]?.isDryRun = true
        let list = SettingsList(SettingKeys.of(settings), of: settings)
        #expect(
            list.plain.contains("downloads = { rate = \"9/hour; 2/s\", per = \"address\", dry_run = true }\n\n["))
        var json = try JSONReader(Array(list.json.utf8))
        try json.skip()
        try json.end()
        #expect(list.json.contains(#""downloads":{ "rate":"9/hour; 2/s", "per":"address", "dry_run":true }"#))
    }

    @Test("The defaults as TOML name every key once, below what it does")
    func defaults() {
        let lines = SettingsList(SettingKeys.all, of: Settings()).commented.split(separator: "\n")
        for key in SettingKeys.all {
            let shown = lines.indices.filter { lines[$0].drop { $0 == "#" }.hasPrefix(key.shortName + " = ") }
            #expect(shown.contains { lines[$0 - 1] == "# \(key.comment)" }, "\(key.name)")
        }
        #expect(lines.filter { $0.hasPrefix("[") }.count == Set(SettingKeys.all.map(\.section)).count)
    }
}
