/// Stored or foreign text as a terminal may show it.
enum TerminalText {
    /// Characters that move the cursor, colour or turn the direction of the text are shown as `\u{1b}`.
    static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// JSON on one line: white space between its parts becomes a space, what `safe` would change an escape of JSON.
    static func line(json: String) -> String {
        var result = ""
        for scalar in json.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": result += " "
            case _ where isUnsafe(scalar): result += escape(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            || scalar.properties.generalCategory == .lineSeparator
            || scalar.properties.generalCategory == .paragraphSeparator
    }

    /// All of them lie in the Basic Multilingual Plane, so one escape of four digits does.
    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
