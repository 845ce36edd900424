import Foundation
import Testing

@testable import Service

@Suite("The settings file of the package")
struct ShippedSettingsTests {
    /// Section, key, value and comment of each line that sets a key or shows its default.
    private func lines() throws -> [(key: String, value: String, comment: String)] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("packaging/postern.toml")
        var section = ""
        var found: [(key: String, value: String, comment: String)] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if let match = line.wholeMatch(of: /\[(\w+)\]( +#.*)?/) {
                section = String(match.1)
            } else if let match = line.wholeMatch(of: /#?(\w+) = (.*?) +# (.*)/) {
                found.append((section + "." + match.1, String(match.2), String(match.3)))
            }
        }
        return found
    }

    @Test("Each line shows the default and says what the program says of it")
    func oneSource() throws {
        let lines = try lines()
        #expect(lines.count >= 20)
        for line in lines {
            let key = try #require(SettingKeys.all.first { $0.name == line.key }, "\(line.key)")
            #expect(key.show(Settings()) == line.value, "\(line.key)")
            #expect(key.comment == line.comment, "\(line.key)")
        }
    }
}
