import Foundation
import Testing

@testable import Service

@Suite("The settings that the documentation shows")
final class DocumentedSettingsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("postern-docs-\(UUID())")

    deinit { try? FileManager.default.removeItem(at: folder) }

    private struct Block {
        let place: String
        let text: String
    }

    private func pages() throws -> [URL] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let docs = try FileManager.default.contentsOfDirectory(
            at: root.appendingPathComponent("docs"), includingPropertiesForKeys: nil)
        return [root.appendingPathComponent("README.md")] + docs.filter { $0.pathExtension == "md" }
    }

    /// The fenced blocks of a page that are TOML: by their own word, or without one because of a line `[section]`.
    private func blocks(of page: URL) throws -> [Block] {
        let fence = #/(?m)^ *```(\w*)\n((?s:.*?))^ *```$/#
        return try String(contentsOf: page, encoding: .utf8).matches(of: fence).compactMap { match in
            let text = String(match.2)
            let hasSection = text.contains(#/(?m)^ *\[[a-z_.]+\] *(#.*)?$/#)
            guard match.1 == "toml" || match.1.isEmpty && hasSection else { return nil }
            return Block(place: page.lastPathComponent, text: text)
        }
    }

    private func load(_ text: String) throws(SettingsError) -> Settings {
        let dropIns = folder.appendingPathComponent("conf.d")
        let main = folder.appendingPathComponent("postern.toml")
        try? FileManager.default.createDirectory(at: dropIns, withIntermediateDirectories: true)
        try? Data("[site]\nissuer = \"https://login.example.test\"\n".utf8).write(to: main)
        try? Data(text.utf8).write(to: dropIns.appendingPathComponent("50-shown.toml"))
        return try SettingsFile.load(main.path)
    }

    @Test("Every block of TOML on a page is taken as it stands")
    func blocks() throws {
        let blocks = try pages().flatMap(blocks)
        #expect(Set(blocks.map(\.place)).isSuperset(of: ["tokens.md", "rate-limits.md"]))
        for block in blocks {
            #expect(throws: Never.self, "\(block.place):\n\(block.text)") { try load(block.text) }
        }
    }

    @Test("The block about the Python service's tokens sets the last day on which they are taken")
    func migration() throws {
        let shown = try #require(try pages().flatMap(blocks).first { $0.text.contains("[tokens.migration]") })
        #expect(try load(shown.text).tokens.migrationUntil != nil)
    }

    @Test("A block that is wrong is not taken")
    func wrong() {
        #expect(throws: SettingsError.self) { try load("[tokens.migration] until = 2027-01-31\n") }
        #expect(throws: SettingsError.self) { try load("[limits]\ndownloads = { rte = \"1/hour\" }\n") }
    }
}
