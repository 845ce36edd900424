import HTTP
import RateWindows
import System
import TestKit
import Testing

@testable import Service

@Suite("Limits in the settings")
struct LimitSettingsTests {
    private static let head = "[site]\nissuer = \"https://login.example.com\"\n[limits]\n"

    private func load(_ limits: String) throws -> Settings {
        let folder = try TemporaryFolder()
        let path = folder.file("postern.toml")
        try Files.replace(path, with: Array((LimitSettingsTests.head + limits + "\n").utf8), mode: 0o600)
        return try SettingsFile.load(path)
    }

    private func fault(_ limits: String) throws -> SettingsError {
        try #require(#expect(throws: SettingsError.self) { try load(limits) })
    }

    @Test("A limit may be named, as a text, as a table and as a section")
    func named() throws {
        let limits = try load(
            """
            downloads = "100/hour; 10/minute"
            big_files2 = { rate = "1/10s", per = "address" }
            [limits.reports]
            rate = "5/day"
            """
        ).limits
        #expect(limits.named.keys.sorted() == ["big_files2", "downloads", "reports"])
        #expect(limits.named["downloads"]?.windows.map(\.limit) == [100, 10])
        #expect(limits.named["downloads"]?.per == .user)
        #expect(limits.named["big_files2"]?.per == .address)
        #expect(limits.all.map(\.name) == ["login", "api", "search", "big_files2", "downloads", "reports"])
    }

    @Test("What a limit says of itself is taken, and what it does not say is as it was")
    func members() throws {
        let limits = try load(
            """
            login = { rate = "5/minute", when_away = "open", exempt = ["10.0.0.0/8"] }
            api = { rate = "7/10s", per = "parameter:CUSTOMER", dry_run = true, when_away = "closed" }
            downloads = { rate = "9/s", exempt = ["2001:db8::/32", "Anna@Example.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7"] }
            """
        ).limits
        #expect(limits.login.whenAway == .open && limits.login.per == .address && !limits.login.isDryRun)
        #expect(limits.login.exempt.networks.first?.contains("10.1.2.3") == true)
        #expect(limits.api.isDryRun && limits.api.whenAway == .closed)
        #expect(limits.api.per.description == "parameter:CUSTOMER")
        #expect(limits.parameters.map(\.text) == ["CUSTOMER"])
        let exempt = try #require(limits.named["downloads"]?.exempt)
        #expect(exempt.emails.map(\.text) == ["anna@example.com"])
        #expect(exempt.users.map(\.description) == ["7c9e6679-7425-40de-944b-e07fc1f90ae7"])
        #expect(limits.search.whenAway == .open && limits.search.exempt.isEmpty)
    }

    @Test("Without a table logins are closed by default, and every other limit is open")
    func whenAway() throws {
        let settings = try load("downloads = \"1/s\"")
        #expect(settings.limits.login.whenAway == .closed && settings.login.whenAway == .closed)
        #expect(settings.limits.all.dropFirst().allSatisfy { $0.limit.whenAway == .open })
    }

    @Test("The issue's own wrong rate is refused with its place and the cure")
    func wrongUnit() throws {
        let fault = try fault("login = \"20/minite\"")
        #expect(
            fault.description.hasSuffix(
                "postern.toml:4: limits.login: \"20/minite\": unknown unit \"minite\" (second, minute, hour, day). "
                    + "Example: \"20/minute\", \"5/10s\""))
    }

    @Test(
        "A limit that cannot be is refused with its line, its key and a way out",
        arguments: [
            ("downloads = 20", "limits.downloads", "needs a rate, not a number. Example"),
            ("downloads = {}", "limits.downloads", "needs a rate. Example"),
            ("downloads = { rate = \"1/s\", pro = 1 }", "limits.downloads", "pro: is unknown (rate, per, dry_run,"),
            ("downloads = { rate = \"1/s\", per = \"usr\" }", "limits.downloads", "per: unknown word \"usr\" (user, "),
            ("downloads = { rate = \"1/s\", dry_run = \"yes\" }", "limits.downloads", "dry_run: needs true or false"),
            (
                "api = { rate = \"1/s\", when_away = \"shut\" }", "limits.api",
                "when_away: unknown word \"shut\" (open, closed)"
            ),
            (
                "api = { rate = \"1/s\", exempt = [\"10.0.0.0/33\"] }", "limits.api",
                "exempt: \"10.0.0.0/33\" is not a network, an e-mail"
            ),
            ("api = { rate = \"1/s\", exempt = \"::1\" }", "limits.api", "exempt: needs a list"),
            (
                "login = { rate = \"1/s\", per = \"user\" }", "limits.login",
                "per: \"user\" does not fit here, nobody is signed in yet (address, email, parameter:NAME)"
            ),
            ("search = { rate = \"1/s\", per = \"email\" }", "limits.search", "per: \"email\" does not fit here"),
            (
                "login = { rate = \"1/s\", exempt = [\"anna@example.com\"] }", "limits.login",
                "exempt: an e-mail does not fit here, nobody is signed in yet. Cure: name networks, or per = \"email\""
            ),
            (
                "search = { rate = \"1/s\", exempt = [\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"] }", "limits.search",
                "exempt: a user does not fit here"
            ),
            ("Down = \"1/s\"", "limits.Down", "a limit's name is made of a to z"),
            ("2fast = \"1/s\"", "limits.2fast", "a limit's name is made of a to z"),
            ("down-loads = \"1/s\"", "limits.down-loads", "Example: \"downloads\""),
            ("a23456789012345678901234567890123 = \"1/s\"", "limits.a23456789012345678901234567890123", "at most 32"),
            ("logn = \"1/s\"", "limits.logn", "is one letter away from Postern's own limit \"login\""),
        ])
    func wrong(text: String, key: String, reason: String) throws {
        let fault = try fault(text)
        #expect(fault.key == key && fault.line == 4)
        #expect(fault.reason.contains(reason), "\(fault.reason)")
    }

    @Test(
        "A parameter that a client could set, or that Postern goes by, is refused with the reason",
        arguments: [
            ("HTTP_X_CUSTOMER", "request headers: every client sets them"), ("REMOTE_ADDR", "goes by already"),
            ("POSTERN_ROLE", "goes by already"), ("POSTERN_LIMIT", "goes by already"),
            ("QUERY_STRING", "the client chooses its value"), ("REQUEST_URI", "the client chooses its value"),
            ("customer", "made of A to Z"), ("", "made of A to Z"), ("A-B", "made of A to Z"),
        ])
    func wrongParameter(name: String, reason: String) throws {
        let fault = try fault("api = { rate = \"1/s\", per = \"parameter:\(name)\" }")
        #expect(fault.reason.hasPrefix("per: \"parameter:\(name)\": ") && fault.reason.contains(reason))
    }

    @Test("More parameters than a request is looked through for are refused")
    func manyParameters() throws {
        let all = (1...17).map { "l\($0) = { rate = \"1/s\", per = \"parameter:P\($0)\" }" }
        #expect(try load(all.dropLast().joined(separator: "\n")).limits.parameters.count == 16)
        #expect(try fault(all.joined(separator: "\n")).key == "limits")
    }

    @Test("Two names with one number in the table are refused, and told to be renamed")
    func twins() throws {
        let names = (0..<4000).map { "n\($0)" }
        let byNumber = Dictionary(grouping: names) { LimitNumbers.number(of: $0) }
        let twins = try #require(byNumber.values.first { $0.count > 1 })
        let fault = try fault("\(twins[0]) = \"1/s\"\n\(twins[1]) = \"1/s\"")
        #expect(fault.reason.hasSuffix("Cure: rename one of them"))
        #expect(fault.line == (fault.key == "limits." + twins[0] ? 4 : 5))
    }

    @Test("What is shown of a limit is read back as the same limit")
    func shownAndRead() throws {
        let text = """
            login = { rate = "5/minute", per = "email", when_away = "open", exempt = ["10.0.0.0/8", "anna@example.com"] }
            downloads = { rate = "1/s; 9/hour", per = "parameter:CUSTOMER", dry_run = true }
            """
        let settings = try load(text)
        let shown = SettingKeys.of(settings).filter { $0.section == "limits" }
        #expect(shown.map(\.shortName) == ["login", "api", "search", "downloads"])
        let again = try load(shown.map { "\($0.shortName) = \($0.show(settings))" }.joined(separator: "\n"))
        #expect(again.limits.all.map(\.limit) == settings.limits.all.map(\.limit))
        #expect(text.contains("downloads = " + (shown.last?.show(settings) ?? "-")))
        #expect(
            shown.last?.json(settings)
                == #"{ "rate":"1/s; 9/hour", "per":"parameter:CUSTOMER", "dry_run":true }"#)
    }

    @Test(
        "The failed logins' settings are read, and wrong ones refused",
        arguments: [
            ("pauses = [\"4s\", \"2s\"]", "login.pauses"), ("pauses = [\"6m\"]", "login.pauses"),
            ("pauses = [\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\"]", "login.pauses"),
            ("per_network = \"50/our\"", "login.per_network"), ("ban = \"31d\"", "login.ban"),
            ("per_network = { rate = \"5/s\" }", "login.per_network"), ("when_away = \"ajar\"", "login.when_away"),
            ("exempt = [\"anna@example.com\"]", "login.exempt"), ("keep_event_rows = 1", "login.keep_event_rows"),
        ])
    func login(text: String, key: String) throws {
        #expect(try fault("[login]\n" + text).key == key)
        let login = try load(
            "[login]\npauses = []\nban = \"0s\"\nper_network = \"5/minute; 9/hour\"\nkeep_events = \"2h\"\n"
        ).login
        #expect(login.pauses.isEmpty && login.ban == 0 && login.keepEvents == 7200)
        #expect(login.perNetwork.windows.map(\.limit) == [5, 9] && login.perNetwork.whenAway == .closed)
    }

    @Test("A reload of named limits asks for no restart")
    func noRestart() throws {
        let (before, after) = (try load(""), try load("downloads = { rate = \"1/s\", per = \"parameter:CUSTOMER\" }"))
        #expect(Worker.needRestart(before, after).isEmpty)
    }
}
