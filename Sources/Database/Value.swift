/// One parameter or one column of a row.
public enum Value: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    public init(_ text: String?) { self = text.map(Value.text) ?? .null }
    public init(_ number: some BinaryInteger) { self = .integer(Int64(number)) }
    public init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}

/// One row of an answer: plain values, copied out of the connector's memory.
public struct Row: Sendable, Equatable {
    public let values: [Value]

    public init(_ values: [Value]) { self.values = values }

    /// The text in a column that the query names; NULL or another type is an error, never a guess.
    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let text) = try value(column) else { throw unexpected(column, "text") }
        return text
    }

    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        try value(column) == .null ? nil : try text(column)
    }

    public func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let number) = try value(column) else { throw unexpected(column, "a number") }
        return number
    }

    public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        try value(column) == .null ? nil : try integer(column)
    }

    public func flag(_ column: Int) throws(DatabaseError) -> Bool { try integer(column) != 0 }

    public func bytes(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .bytes(let bytes) = try value(column) else { throw unexpected(column, "bytes") }
        return bytes
    }

    private func value(_ column: Int) throws(DatabaseError) -> Value {
        guard values.indices.contains(column) else {
            throw DatabaseError(.other, message: "column \(column + 1) of \(values.count) was asked for")
        }
        return values[column]
    }

    /// Says what stands there in kind, never its value.
    private func unexpected(_ column: Int, _ wanted: String) -> DatabaseError {
        let found =
            switch values[column] {
            case .null: "NULL"
            case .integer: "a number"
            case .text: "text"
            case .bytes: "bytes"
            }
        return DatabaseError(.other, message: "column \(column + 1) holds \(found) where \(wanted) was expected")
    }
}
