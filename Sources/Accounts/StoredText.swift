/// What may stand in columns that people fill.
enum StoredText {
    static func validate(_ text: String, field: String, limit: Int) throws(AccountsError) {
        guard text.unicodeScalars.count <= limit else {
            throw .invalid(field: field, reason: "more than \(limit) characters")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(field: field, reason: "control characters are not allowed")
        }
    }

    /// The server's TIMESTAMP ends in January 2038 (MariaDB before 11.5).
    ///
    /// - Parameters:
    ///   - end: seconds since 1970; nil for none.
    ///   - what: "a ban"
    static func validate(end: Int64?, field: String, what: String) throws(AccountsError) {
        if let end, !(1...2_147_483_647).contains(end) {
            throw .invalid(field: field, reason: "a time before January 2038 is expected, or \(what) without an end")
        }
    }
}
