import Testing

@testable import postern

@Suite("Regular expressions of locations")
struct NginxPatternTests {
    @Test(
        "They match what PCRE matches",
        arguments: [
            (#"\.php$"#, "/a/b.php", true), (#"\.php$"#, "/a/b.php5", false), (#"\.php$"#, "/a/bxphp", false),
            (#"\.php(/|$)"#, "/b.php/x", true), (#"^/(a|b)/"#, "/b/", true), (#"^/(a|b)/"#, "/c/b/", false),
            (#"/\."#, "/.git/config", true), (#"^/[^/]+/x$"#, "/abc/x", true), (#"^/[^/]+/x$"#, "/a/b/x", false),
            (#"^/\d{2,3}$"#, "/123", true), (#"^/\d{2,3}$"#, "/1234", false), (#"^/a{2}$"#, "/aa", true),
            (#"^/x{y"#, "/x{y", true), (#"^(?!/open/).*\.txt$"#, "/shut/a.txt", true),
            (#"^(?!/open/).*\.txt$"#, "/open/a.txt", false), (#"^/(?<name>\w+)$"#, "/ab_1", true),
            (#"^/(?:a+)+$"#, "/aaaa", true), (#"[[:digit:]]+-[a-c]$"#, "/42-b", true), (#"[]x]y"#, "/]y", true),
            (#"^/[\w.-]+$"#, "/a.b-c", true), (#"\bfoo\b"#, "/a-foo", true), (#"\bfoo\b"#, "/foobar", false),
            (#"a.c"#, "/abc", true), (#"^$"#, "", true), (#"(a|)b"#, "/b", true), (#"a*?b"#, "/aab", true),
            (#"^/x(y(z|w))?$"#, "/xyw", true),
        ])
    func matches(text: String, path: String, isMatch: Bool) {
        #expect(NginxPattern(text, ignoresCase: false)?.matches(path) == isMatch)
    }

    @Test("Case does not matter where it should not")
    func anyCase() {
        #expect(NginxPattern(#"\.(JPG|png)$"#, ignoresCase: true)?.matches("/a.jpG") == true)
        #expect(NginxPattern("(?i)/a[b-d]$", ignoresCase: false)?.matches("/AC") == true)
        #expect(NginxPattern("/a[b-d]$", ignoresCase: false)?.matches("/AC") == false)
    }

    @Test(
        "What is not understood says so",
        arguments: [#"(?<=a)b"#, #"(a)\1"#, "(", ")", "[a", "*a", "a{3,1}", #"\p{L}"#, "(?x)a", #"a\"#, "[z-a]"])
    func unknown(text: String) { #expect(NginxPattern(text, ignoresCase: false) == nil) }

    @Test("An expression that would take for ever is given up")
    func bounded() {
        let pattern = NginxPattern("^(a+)+$", ignoresCase: false)
        #expect(pattern?.matches(String(repeating: "a", count: 40) + "!") == nil)
    }

    @Test(
        "Its samples match it",
        arguments: [
            #"\.php$"#, #"^/(login|token)(/|$)"#, #"\.(?:css|js|png)$"#, #"^/wp-(admin|includes)/.*\.php"#,
            #"/\.(?!well-known)"#,
            #"^/x[0-9]{3}/\w+$"#, #"[^/]\.php(/|$)"#,
        ])
    func samples(text: String) throws {
        let pattern = try #require(NginxPattern(text, ignoresCase: false))
        #expect(!pattern.samples.isEmpty)
        #expect(pattern.samples.contains { pattern.matches($0) == true })
    }
}
