/// One line of `postern check`.
struct Finding: Equatable {
    enum State: String {
        case ok
        case warn
        case fail = "FAIL"
    }

    let state: State
    let subject: String
    let detail: String
    let cure: String?

    static func ok(_ subject: String, _ detail: String) -> Finding {
        Finding(state: .ok, subject: subject, detail: detail, cure: nil)
    }

    static func warn(_ subject: String, _ detail: String, cure: String) -> Finding {
        Finding(state: .warn, subject: subject, detail: detail, cure: cure)
    }

    /// - Parameter text: what it says behind "Cure:" becomes the cure.
    static func warn(_ subject: String, _ text: String) -> Finding { Finding(.warn, subject, text) }

    /// - Parameter text: an error's; what it says behind "Cure:" becomes the cure.
    static func fail(_ subject: String, _ text: String) -> Finding { Finding(.fail, subject, text) }

    /// "ok    key        /etc/postern/keys.jwks ...", the cure on a line below.
    var text: String {
        let margin = String(repeating: " ", count: 17)
        let head = Finding.padded(state.rawValue, 6) + Finding.padded(subject, 11)
        let lines = detail.split(separator: "\n").map { line in line.drop { $0 == " " } }
        var text = head + TerminalText.safe(lines.joined(separator: " ")) + "\n"
        if let cure { text += margin + "cure: " + TerminalText.safe(cure) + "\n" }
        return text
    }

    var json: JSON {
        .object([
            ("state", .text(state.rawValue.lowercased())), ("subject", .text(subject)), ("detail", .text(detail)),
            ("cure", JSON(cure)),
        ])
    }

    private static func padded(_ word: String, _ width: Int) -> String {
        word + String(repeating: " ", count: max(1, width - word.count))
    }
}

extension Finding {
    fileprivate init(_ state: State, _ subject: String, _ text: String) {
        guard let range = text.firstRange(of: "Cure: ") else {
            self.init(state: state, subject: subject, detail: text, cure: nil)
            return
        }
        var detail = String(text[..<range.lowerBound])
        while let last = detail.last, last.isWhitespace { detail.removeLast() }
        if detail.last == "." { detail.removeLast() }
        self.init(state: state, subject: subject, detail: detail, cure: String(text[range.upperBound...]))
    }
}

extension [Finding] {
    func count(_ state: Finding.State) -> Int { filter { $0.state == state }.count }

    /// "8 ok, 3 warnings, 1 failure"
    var summary: String {
        let warnings = count(.warn)
        let failures = count(.fail)
        return "\(count(.ok)) ok, \(warnings) warning\(warnings == 1 ? "" : "s"), "
            + "\(failures) failure\(failures == 1 ? "" : "s")"
    }
}
