/// Scopes and groups: stored as a token carries scopes, in one text with spaces between (RFC 6749 section 3.3).
enum Words {
    static func stored(_ words: [String]) -> String { words.joined(separator: " ") }

    static func read(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// What RFC 6749 lets a scope hold, less the comma and the slash: they stand between the names of a requirement
    /// (`scope=a,b`) and between requirements; the comma also in the header `Remote-Groups`.
    static func validate(_ words: [String], field: String) throws(AccountsError) {
        let isWellFormed = words.allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { (0x21...0x7e).contains($0) && !forbidden.contains($0) }
        }
        guard isWellFormed else {
            throw .invalid(
                field: field, reason: "words of printable ASCII without space, comma, slash, \" and \\ are expected")
        }
        try validate(length: words, field: field)
    }

    static func validate(length words: [String], field: String) throws(AccountsError) {
        guard stored(words).utf8.count <= 1000 else {
            throw .invalid(field: field, reason: "more than 1000 bytes together")
        }
    }

    private static let forbidden = Array(",/\"\\".utf8)
}
