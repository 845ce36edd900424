import Foundation
import Testing

@testable import Service

/// Tails of a check's URI that nobody would write.
enum StrangeTails {
    /// SplitMix64: the same tails in every run.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }

    private static let good = [
        "scope=read", "scope=read,write", "!scope=admin", "group=ops", "!group=web", "user=anna@example.org",
        "!user=01020304-0506-4708-8000-0000000000ff", "email=*@example.org", "!email=bob@example.com,*@example.com",
        "fresh=1h", "fresh=15m", "limit=all", "preflight",
    ]
    private static let pieces =
        Array("/!=,*@.:%?;&#+- aZ09\u{0}\n\"\\é\u{301}\u{212a}").map(String.init) + [
            "scope", "group", "user", "email", "fresh", "limit", "preflight", "//", "%2f", "..", "=", "login", "1h",
            "31d",
        ]

    /// Words as somebody might write them, most of them with something put in, taken out or in capitals.
    static func tail(_ dice: inout Dice) -> String {
        var tail = ""
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            tail += Int.random(in: 0..<40, using: &dice) == 0 ? "" : "/"
            var word = Array((good.randomElement(using: &dice) ?? "").unicodeScalars.map(String.init))
            for _ in 0..<max(0, Int.random(in: -2...2, using: &dice)) {
                let place = Int.random(in: 0...word.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0 where place < word.count: word.remove(at: place)
                case 1 where place < word.count: word[place] = word[place].uppercased()
                case 2 where place < word.count: word[place] = pieces.randomElement(using: &dice) ?? ""
                default: word.insert(pieces.randomElement(using: &dice) ?? "", at: place)
                }
            }
            tail += word.joined()
        }
        return tail
    }

    /// What may differ between a word and what it is printed as: the form of an e-mail, an id and a time.
    static func normal(_ tail: String) -> [String] {
        tail.split(separator: "/").map { word in
            let key = word.prefix { $0 != "=" }.drop { $0 == "!" }
            switch key {
            case "user", "email": return word.lowercased().precomposedStringWithCanonicalMapping.lowercased()
            case "fresh": return "fresh=\(DurationText.seconds(String(word.dropFirst(6))) ?? -1)"
            default: return String(word)
            }
        }
    }
}

@Suite("A requirement that nobody meant")
struct RequirementFuzzTests {
    @Test("300,000 tails: each is a requirement that says the same when it is printed, or it is refused")
    func tails() throws {
        var dice = StrangeTails.Dice(state: 4)
        var (good, bad) = (0, 0)
        let rules = testRules
        for _ in 0..<300_000 {
            let tail = StrangeTails.tail(&dice)
            guard let requirement = try? Requirement(path: Requirement.path + tail, rules: rules) else {
                bad += 1
                continue
            }
            good += 1
            let printed = requirement.description
            let again = try Requirement(path: printed, rules: rules)
            let written = StrangeTails.normal(String(printed.dropFirst(Requirement.path.count)))
            if !again.description.utf8.elementsEqual(printed.utf8)
                || !written.elementsEqual(StrangeTails.normal(tail), by: { $0.utf8.elementsEqual($1.utf8) })
            {
                Issue.record("\(tail.debugDescription) is printed \(printed.debugDescription)")
            }
        }
        #expect(good > 30_000 && bad > 30_000)
    }
}
