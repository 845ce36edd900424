import RateWindows
import Testing

@Suite("Rates as a sysadmin writes them")
struct RuleTextTests {
    @Test(
        "Each form is read",
        arguments: [
            ("20/minute", [Rate(limit: 20, window: 60_000_000_000)]),
            ("5/10s", [Rate(limit: 5, window: 10_000_000_000)]),
            (" 5 / 10 seconds ", [Rate(limit: 5, window: 10_000_000_000)]),
            ("1/30d", [Rate(limit: 1, window: 2_592_000_000_000_000)]),
            ("1000000/s", [Rate(limit: 1_000_000, window: 1_000_000_000)]),
            (
                "1000/hour; 20/second",
                [Rate(limit: 1000, window: 3_600_000_000_000), Rate(limit: 20, window: 1_000_000_000)]
            ),
        ])
    func read(_ text: String, _ rates: [Rate]) throws {
        #expect(try RuleText.parse(text) == rates)
    }

    @Test(
        "What is wrong is named, with the cure",
        arguments: [
            ("20/minite", "unknown unit \"minite\" (second, minute, hour, day)"),
            ("20/10", "no unit (second, minute, hour, day)"),
            ("20", "not a rate (a number, \"/\", a time)"),
            ("", "not a rate (a number, \"/\", a time)"),
            ("20/minute;", "not a rate (a number, \"/\", a time)"),
            ("20/minute/2", "not a rate (a number, \"/\", a time)"),
            ("0/minute", "\"0\" is not a number from 1 to 1000000"),
            ("-1/minute", "\"-1\" is not a number from 1 to 1000000"),
            ("1000001/minute", "\"1000001\" is not a number from 1 to 1000000"),
            ("99999999999999999999/minute", "\"99999999999999999999\" is not a number from 1 to 1000000"),
            ("1.5/minute", "\"1.5\" is not a number from 1 to 1000000"),
            ("٢/minute", "\"٢\" is not a number from 1 to 1000000"),
            ("5/0s", "a window is 1 second to 30 days"),
            ("5/31d", "a window is 1 second to 30 days"),
            ("5/99999999999999999999s", "a window is 1 second to 30 days"),
            ("5/minute; 6/60s", "two rates for the same window"),
        ])
    func refused(_ text: String, _ what: String) {
        let error = #expect(throws: RuleError.self) { try RuleText.parse(text) }
        #expect(error?.description == "\"\(text)\": \(what). Example: \"20/minute\", \"5/10s\"")
    }

    @Test("A rule outside of its range cannot be made")
    func ranges() {
        #expect(Rule(number: 1, limit: 0, window: second) == nil)
        #expect(Rule(number: 1, limit: 1_000_001, window: second) == nil)
        #expect(Rule(number: 1, limit: 1, window: second - 1) == nil)
        #expect(Rule(number: 1, limit: 1, window: 30 * day + 1) == nil)
        #expect(Rule(number: 1, limit: 1, window: second + 1)?.window == second + millisecond)
    }
}
