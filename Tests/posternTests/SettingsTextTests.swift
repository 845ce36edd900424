import Testing

@testable import postern

@Suite("Settings changed in place")
struct SettingsTextTests {
    private let shipped = """
        # Postern.
        [site]
        issuer = ""                         # REQUIRED. https://login.example.com
        #audience = ""

        [service]
        #peer_secret_file = ""    # shared with nginx
        [database]
        name = "a"
        """

    private func set(_ name: String, _ section: String, _ value: String, _ text: String) -> [String] {
        SettingsText.setting(name, in: section, to: value, text).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .map(String.init)
    }

    @Test("A line is replaced, its comment stays in its column, all other lines are untouched")
    func replacesLine() {
        let lines = set("issuer", "site", "https://a.example", shipped)
        var expected = shipped.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        expected[2] = #"issuer = "https://a.example"        # REQUIRED. https://login.example.com"#
        #expect(lines == expected)
    }

    @Test("A longer value pushes the comment")
    func pushesComment() {
        let lines = set("peer_secret_file", "service", "/etc/postern/peer.secret", shipped)
        #expect(lines[6] == #"peer_secret_file = "/etc/postern/peer.secret"  # shared with nginx"#)
    }

    @Test("A key of the same name in another section is not touched")
    func otherSection() {
        let lines = set("name", "site", "b", shipped)
        #expect(lines[2] == #"name = "b""#)
        #expect(lines.last == #"name = "a""#)
    }

    @Test("A missing section is added at the end")
    func newSection() {
        #expect(
            SettingsText.setting("level", in: "log", to: "info", "[site]\nissuer = \"x\"")
                == "[site]\nissuer = \"x\"\n\n[log]\nlevel = \"info\"\n")
    }

    @Test("An active line wins over a commented one")
    func activeLine() {
        let lines = set("issuer", "site", "new", "[site]\n#issuer = \"default\"\nissuer = \"old\"\n")
        #expect(lines == ["[site]", #"#issuer = "default""#, #"issuer = "new""#, ""])
    }

    @Test("A # inside quotes is no comment; quotes and backslashes are escaped")
    func quotes() {
        let lines = set("a", "s", #"x"y\z"#, "[s] # here\na = \"1#\\\"2\" # why\n")
        #expect(lines[1] == #"a = "x\"y\\z"  # why"#)
    }
}
