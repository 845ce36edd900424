/// One line for people and scripts: `name=value …`, or with `--json` one JSON object.
struct Report {
    enum Value {
        case number(Int)
        case fraction(Double)
        case word(String)
    }

    private var fields: [(name: String, value: Value)] = []

    mutating func add(_ name: String, _ value: Int) { fields.append((name, .number(value))) }
    mutating func add(_ name: String, _ value: UInt64) { fields.append((name, .number(Int(clamping: value)))) }
    mutating func add(_ name: String, _ value: Double) { fields.append((name, .fraction(value))) }
    mutating func add(_ name: String, _ value: String) { fields.append((name, .word(value))) }

    func write(asJSON isJSON: Bool) {
        if isJSON {
            print("{" + fields.map { "\"\($0.name)\":\(text($0.value, quoted: true))" }.joined(separator: ",") + "}")
        } else {
            print(fields.map { "\($0.name)=\(text($0.value, quoted: false))" }.joined(separator: " "))
        }
    }

    private func text(_ value: Value, quoted: Bool) -> String {
        switch value {
        case .number(let number): String(number)
        case .fraction(let number): String((number * 10_000).rounded() / 10_000)
        case .word(let word): quoted ? "\"\(word)\"" : word
        }
    }
}
