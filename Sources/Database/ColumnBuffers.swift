import CMariaDB

/// The memory that the columns of a prepared statement's rows are fetched into.
///
/// A text longer than its buffer is fetched again into memory of its own size, so nothing is ever cut.
@safe struct ColumnBuffers: ~Copyable {
    private enum Kind: Equatable { case integer(isUnsigned: Bool), text, bytes }

    private static let bufferSize = 256
    /// The connector's name for bytes without a character set.
    private static let binaryCharacterSet: UInt32 = 63

    private let kinds: [Kind]
    private let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let lengths: UnsafeMutableBufferPointer<UInt>
    private let nulls: UnsafeMutableBufferPointer<my_bool>
    private let storage: UnsafeMutableRawBufferPointer

    /// For the columns of a prepared statement; none for a statement without an answer.
    init(of statement: UnsafeMutablePointer<MYSQL_STMT>) {
        kinds = unsafe Self.fields(of: statement).map { unsafe Self.kind(of: $0) }
        let count = kinds.count
        unsafe binds = .allocate(capacity: count)
        unsafe binds.initialize(repeating: MYSQL_BIND())
        unsafe lengths = .allocate(capacity: count)
        unsafe lengths.initialize(repeating: 0)
        unsafe nulls = .allocate(capacity: count)
        unsafe nulls.initialize(repeating: 0)
        unsafe storage = .allocate(byteCount: count * Self.bufferSize, alignment: 8)
        for index in 0..<count { prepareBind(index) }
    }

    deinit {
        unsafe binds.deallocate()
        unsafe lengths.deallocate()
        unsafe nulls.deallocate()
        unsafe storage.deallocate()
    }

    var count: Int { kinds.count }

    /// Whether the statement's columns are still what they were made for.
    func fit(_ statement: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        let fields = unsafe Self.fields(of: statement)
        return unsafe fields.count == count && zip(kinds, fields).allSatisfy { unsafe $0 == Self.kind(of: $1) }
    }

    func bind(to statement: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        unsafe mysql_stmt_bind_result(statement, binds.baseAddress) == 0
    }

    /// The row that mysql_stmt_fetch(3) has just put into the buffers.
    func row(of statement: UnsafeMutablePointer<MYSQL_STMT>) throws(DatabaseError) -> Row {
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try unsafe value(index, of: statement)) }
        return Row(values)
    }

    private func value(
        _ index: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>
    ) throws(DatabaseError) -> Value {
        if unsafe nulls[index] != 0 { return .null }
        switch kinds[index] {
        case .integer(let isUnsigned):
            let number = unsafe slot(index).load(as: Int64.self)
            // Only an unsigned 64-bit column above 2^63 looks negative here.
            if isUnsigned && number < 0 {
                throw DatabaseError(.other, message: "the number in column \(index + 1) is above 2^63")
            }
            return .integer(number)
        case .text:
            guard let text = String(validating: try unsafe bytes(index, of: statement), as: UTF8.self) else {
                throw DatabaseError(.other, message: "the text in column \(index + 1) is not UTF-8")
            }
            return .text(text)
        case .bytes: return .bytes(try unsafe bytes(index, of: statement))
        }
    }

    private func bytes(
        _ index: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>
    ) throws(DatabaseError) -> [UInt8] {
        let length = unsafe Int(lengths[index])
        if length <= Self.bufferSize { return unsafe Array(slot(index)[..<length]) }
        var isFetched = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            var whole = unsafe binds[index]
            var got: UInt = 0
            unsafe whole.buffer = UnsafeMutableRawPointer(buffer.baseAddress)
            unsafe whole.buffer_length = UInt(length)
            isFetched = unsafe withUnsafeMutablePointer(to: &got) { pointer in
                unsafe whole.length = pointer
                unsafe whole.is_null = nil
                unsafe whole.error = nil
                return unsafe mysql_stmt_fetch_column(statement, &whole, UInt32(index), 0) == 0
            }
            isFetched = isFetched && got == UInt(length)
            filled = isFetched ? length : 0
        }
        guard isFetched else { throw DatabaseError(.other, message: "column \(index + 1) could not be fetched whole") }
        return bytes
    }

    private func prepareBind(_ index: Int) {
        var bind = unsafe MYSQL_BIND()
        switch kinds[index] {
        case .integer(let isUnsigned):
            unsafe bind.buffer_type = MYSQL_TYPE_LONGLONG
            unsafe bind.is_unsigned = isUnsigned ? 1 : 0
        case .text: unsafe bind.buffer_type = MYSQL_TYPE_STRING
        case .bytes: unsafe bind.buffer_type = MYSQL_TYPE_BLOB
        }
        unsafe bind.buffer = slot(index).baseAddress
        unsafe bind.buffer_length = UInt(Self.bufferSize)
        unsafe bind.length = lengths.baseAddress! + index
        unsafe bind.is_null = nulls.baseAddress! + index
        unsafe binds[index] = bind
    }

    private func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
        let start = index * Self.bufferSize
        return unsafe UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + Self.bufferSize])
    }

    private static func fields(of statement: UnsafeMutablePointer<MYSQL_STMT>) -> UnsafeBufferPointer<MYSQL_FIELD> {
        let count = unsafe Int(mysql_stmt_field_count(statement))
        return unsafe UnsafeBufferPointer(start: mariadb_stmt_fetch_fields(statement), count: count)
    }

    private static func kind(of field: MYSQL_FIELD) -> Kind {
        switch unsafe field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
            MYSQL_TYPE_YEAR:
            return .integer(isUnsigned: unsafe field.flags & UInt32(UNSIGNED_FLAG) != 0)
        case MYSQL_TYPE_TINY_BLOB, MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_LONG_BLOB, MYSQL_TYPE_BLOB,
            MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_STRING, MYSQL_TYPE_VARCHAR, MYSQL_TYPE_BIT, MYSQL_TYPE_GEOMETRY:
            return unsafe field.charsetnr == binaryCharacterSet ? .bytes : .text
        // Dates, decimals and floating-point numbers come as the connector writes them.
        default: return .text
        }
    }
}
