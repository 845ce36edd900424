import CMariaDB

/// The memory that a prepared statement's parameters point into.
///
/// mysql_stmt_bind_param(3) keeps the pointers, so the memory lives as long as the statement and is loaded anew
/// before each execution.
@safe struct ParameterBuffers: ~Copyable {
    private let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let lengths: UnsafeMutableBufferPointer<UInt>
    private var storage: UnsafeMutableRawBufferPointer

    init(count: Int) {
        unsafe binds = .allocate(capacity: count)
        unsafe binds.initialize(repeating: MYSQL_BIND())
        unsafe lengths = .allocate(capacity: count)
        unsafe lengths.initialize(repeating: 0)
        unsafe storage = .allocate(byteCount: 0, alignment: 8)
    }

    deinit {
        unsafe binds.deallocate()
        unsafe lengths.deallocate()
        unsafe storage.deallocate()
    }

    var count: Int { unsafe binds.count }

    /// Copies the values in and binds them; false when the connector refuses.
    mutating func bind(_ values: [Value], to statement: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        if values.isEmpty { return true }
        load(values)
        return unsafe mysql_stmt_bind_param(statement, binds.baseAddress) == 0
    }

    private mutating func load(_ values: [Value]) {
        let size = values.reduce(0) { $0 + Self.room(for: $1) }
        if unsafe size > storage.count {
            unsafe storage.deallocate()
            unsafe storage = .allocate(byteCount: size, alignment: 8)
        }
        var offset = 0
        for (index, value) in values.enumerated() {
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[offset...])
            unsafe load(value, at: index, into: target)
            offset += Self.room(for: value)
        }
    }

    private func load(_ value: Value, at index: Int, into target: UnsafeMutableRawBufferPointer) {
        var bind = unsafe MYSQL_BIND()
        var length = 0
        switch value {
        case .null:
            unsafe bind.buffer_type = MYSQL_TYPE_NULL
        case .integer(let number):
            unsafe bind.buffer_type = MYSQL_TYPE_LONGLONG
            unsafe target.storeBytes(of: number, as: Int64.self)
            length = 8
        case .text(let text):
            unsafe bind.buffer_type = MYSQL_TYPE_STRING
            unsafe target.copyBytes(from: text.utf8)
            length = text.utf8.count
        case .bytes(let bytes):
            unsafe bind.buffer_type = MYSQL_TYPE_BLOB
            unsafe target.copyBytes(from: bytes)
            length = bytes.count
        }
        unsafe lengths[index] = UInt(length)
        unsafe bind.buffer = target.baseAddress
        unsafe bind.buffer_length = UInt(length)
        unsafe bind.length = lengths.baseAddress! + index
        unsafe binds[index] = bind
    }

    /// Bytes in the storage, rounded up so that the next value is aligned; at least 8, so that no value's address
    /// lies past the end.
    private static func room(for value: Value) -> Int {
        switch value {
        case .null, .integer: 8
        case .text(let text): (text.utf8.count + 8) & ~7
        case .bytes(let bytes): (bytes.count + 8) & ~7
        }
    }
}
