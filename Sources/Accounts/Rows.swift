import Database

extension Row {
    /// A row that Postern cannot have written.
    static func unusable(_ what: String) -> DatabaseError { DatabaseError(unusableRow: what) }
}

extension Value {
    init(_ id: UserID) { self = .text(id.description) }

    init(_ email: EmailAddress) { self = .text(email.text) }

    /// A pattern for `LIKE ? ESCAPE '!'` that finds the text itself anywhere. `!` and not the backslash, whose
    /// meaning hangs on the server's sql_mode.
    init(containing text: String) {
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if ["!", "%", "_"].contains(scalar) { pattern.unicodeScalars.append("!") }
            pattern.unicodeScalars.append(scalar)
        }
        self = .text(pattern + "%")
    }
}

extension Pool {
    /// Rows as values of a type of ours.
    func rows<Element>(
        of sql: String, _ values: [Value], _ read: (Row) throws(DatabaseError) -> Element
    ) throws(AccountsError) -> [Element] {
        do throws(DatabaseError) {
            var elements: [Element] = []
            for row in try rows(sql, values) { elements.append(try read(row)) }
            return elements
        } catch {
            throw .unavailable(error)
        }
    }
}
