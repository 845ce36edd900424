import Foundation
import Testing

@testable import Tokens

@Suite("The JSON reader")
struct JSONReaderTests {
    private func parse(_ text: String, depth: Int = 8) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), maximumDepth: depth)
    }

    private func code(_ bytes: [UInt8]) -> JSONError.Code? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            // Reading over a value checks as much as taking it.
            var reader = try JSONReader(bytes)
            try reader.end()
            return nil
        } catch {
            let skipped: JSONError.Code?
            do throws(JSONError) {
                var reader = try JSONReader(bytes)
                try reader.end()
                skipped = nil
            } catch {
                skipped = error.code
            }
            #expect(skipped == error.code)
            return error.code
        }
    }

    @Test("reads every kind of value")
    func values() throws {
        let text = #" { "a" : [ 1 , -2, true,false , null ], "b":{"c":"d"}, "e":1.5e-3 ,"f":""} "#
        let value = try parse(text)
        #expect(value["a"] == .array([.integer(1), .integer(-2), .bool(true), .bool(false), .null]))
        #expect(value["b"]?["c"]?.string == "d")
        #expect(value["e"] == .number("1.5e-3"))
        #expect(value["f"] == .string(""))
        #expect(value["g"] == nil)
        #expect(try parse("[]") == .array([]))
        #expect(try parse("{}") == .object([]))
        #expect(try parse("0") == .integer(0))
    }

    @Test("skips what is not asked for, wherever it stands")
    func skipping() throws {
        var json = try JSONReader(Array(#"{"x":{"y":[1,{"z":2}]},"a":1,"u":"\u0041","b":2,"v":[]}"#.utf8))
        var found: [String: Int64] = [:]
        try json.beginObject()
        while let name = try json.nextName() {
            if name == "a" || name == "b" { found[name] = try json.integer() }
        }
        try json.end()
        #expect(found == ["a": 1, "b": 2])
    }

    @Test("leaves a value of another type in place")
    func wrongType() throws {
        var json = try JSONReader(Array(#"{"exp":"soon","n":3}"#.utf8))
        try json.beginObject()
        #expect(try json.nextName() == "exp")
        #expect(throws: JSONError(code: .wrongType, offset: 7)) { try json.integer() }
        #expect(try json.string() == "soon")
        #expect(try json.nextName() == "n")
        #expect(throws: JSONError.self) { try json.string() }
        #expect(try json.nextName() == nil)
        try json.end()
    }

    @Test("gives a secret's bytes without a string in between")
    func secret() throws {
        var json = try JSONReader(Array(#"{"password":"a\u00e9\n\"x"}"#.utf8))
        try json.beginObject()
        _ = try json.nextName()
        let secret = try json.secret()
        #expect(secret.withBytes { bytes in bytes.indices.map { bytes[$0] } } == Array("aé\n\"x".utf8))
    }

    @Test(
        "refuses what is not JSON",
        arguments: [
            "", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "[1,]", "[,1]",
            "[1 2]",
            "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "tru", "True", "nul", "nulll", "NaN", "Infinity", "-",
            "01", "-01",
            "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1_0", "\"", "\"\\", "\"\\\"", "\"a", "\"\\x\"", "\"\\u12\"",
            "\"\\u12G4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\ud800\\\"",
            "\"\\udc00\\ud800\"",
            "\"\u{1}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "\u{FEFF}{}", "{}\u{FEFF}", "\u{a0}{}", "/**/{}", "//\n{}",
            "\u{c}{}",
        ])
    func notJSON(text: String) {
        #expect([.syntax, .trailingBytes].contains(code(Array(text.utf8))))
    }

    @Test(
        "refuses anything behind the value",
        arguments: ["{}x", "{}{}", "1 2", "\"a\" \"b\"", "{}\u{0}", "[],", "null,"])
    func trailing(text: String) {
        #expect(code(Array(text.utf8)) == .trailingBytes)
    }

    @Test(
        "refuses a name twice in one object, also written with escapes or deep inside",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"alg":1,"\u0061lg":2}"#, #"{"":1,"":2}"#,
            #"{"x":{"y":[{"a":1,"a":2}]}}"#, #"{"é":1,"\u00e9":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#,
        ])
    func repeatedNames(text: String) {
        #expect(code(Array(text.utf8)) == .repeatedName)
    }

    @Test("tells names apart by their bytes, and lets one name stand in several objects")
    func differentNames() {
        for text in [
            #"{"a":1,"A":2}"#, #"{"a":{"a":{"a":1}},"b":{"a":1}}"#, #"[{"a":1},{"a":2}]"#,
            // Equal for Swift's ==, different in their bytes.
            #"{"\u00e9":1,"e\u0301":2}"#, #"{"K":1,"\u212a":2}"#,
        ] {
            #expect(code(Array(text.utf8)) == nil)
        }
    }

    @Test("finds a repeated name among many", arguments: [31, 32, 33, 34, 500])
    func manyNames(count: Int) {
        let members = (0..<count).map { #""name\#($0)":\#($0)"# }
        #expect(code(Array("{\(members.joined(separator: ","))}".utf8)) == nil)
        for again in [0, count / 2, count - 1] {
            #expect(code(Array("{\((members + [members[again]]).joined(separator: ","))}".utf8)) == .repeatedName)
        }
    }

    @Test("reads nesting to the depth allowed and refuses the next, 10,000 deep as well")
    func depth() throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let inside = open == "[" ? "" : "1"
            let text = { (depth: Int) in
                String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
            }
            #expect(throws: Never.self) { try parse(text(8)) }
            for depth in [9, 100, 10_000] {
                #expect(code(Array(text(depth).utf8)) == .tooDeep)
            }
            #expect(throws: Never.self) { try parse(text(20), depth: 20) }
        }
        #expect(code([UInt8](repeating: UInt8(ascii: "["), count: 10_000)) == .tooDeep)
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0xFE, 0xFF, 0x00, 0x31],
        ])
    func notUTF8(bytes: [UInt8]) {
        #expect(code(bytes) == .notUTF8)
    }

    @Test("reads integers exactly to the ends of 64 bits, and nothing else as one")
    func integers() throws {
        let exact: [(String, Int64)] = [
            ("0", 0), ("-0", 0), ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", .max),
            ("-9223372036854775808", .min),
        ]
        for (text, value) in exact {
            var json = try JSONReader(Array(text.utf8))
            #expect(try json.integer() == value)
            try json.end()
        }
        for text in ["1.0", "1e3", "1E0", "0.5", "9223372036854775808", "-9223372036854775809", "1e400"] {
            var json = try JSONReader(Array(text.utf8))
            #expect(throws: JSONError(code: .notAnInteger, offset: 0)) { try json.integer() }
            #expect(try json.number() == text)
            try json.end()
        }
    }

    @Test("resolves every escape")
    func escapes() throws {
        #expect(
            try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00\u0000""#).string
                == "\"\\/\u{8}\u{c}\n\r\tAé€😀\u{0}")
    }

    @Test("reads what the writer wrote, for every naughty string")
    func naughtyStrings() throws {
        let strings = try #require(try Vectors.json("naughty/blns.json").array).compactMap(\.string)
        #expect(strings.count > 500)
        for string in strings + ["\u{0}\u{1}\u{1f}\u{7f}\"\\/\u{2028}", ""] {
            let quoted = JSONText.quote(string)
            #expect(quoted.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            #expect(try parse(quoted).string?.utf8.elementsEqual(string.utf8) == true)
        }
    }

    @Test("never takes what another reader refuses: 20,000 damaged texts")
    func damagedTexts() throws {
        var random = SplitMix(state: 7)
        // Short numbers: Foundation also refuses an exponent that no Double holds, which the grammar allows.
        let samples = [
            #"{"iss":"https://login.example.com","aud":["a","b"],"exp":18,"x":{"y":[1,-2.5e3,true,null]}}"#,
            #"["\u00e9\ud83d\ude00\n",0.5,{"":[]},"é€😀"]"#,
        ].map { Array($0.utf8) }
        let marks = Array(#"{}[]",:\u0e-."#.utf8)
        var taken = 0
        for round in 0..<20_000 {
            var text = samples[round % samples.count]
            for _ in 0...Int(random.next() % 3) {
                let place = Int(random.next() % UInt64(text.count))
                switch random.next() % 4 {
                case 0: text[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: text.remove(at: place)
                case 2: text.insert(text[Int(random.next() % UInt64(text.count))], at: place)
                default: text[place] = marks[Int(random.next() % UInt64(marks.count))]
                }
            }
            guard code(text) == nil else { continue }
            taken += 1
            let other = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
            #expect(other != nil, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(taken > 500)
    }
}

/// A small random generator with a fixed seed (Steele, Lea and Flood, 2014), so that a failure comes again.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
