/// The header of one FastCGI record (FastCGI 1.0, section 3.3) and where its content lies.
struct Record {
    /// Record types that a request has (section 8).
    static let beginRequest: UInt8 = 1
    static let params: UInt8 = 4
    static let stdin: UInt8 = 5

    static let headerLength = 8
    static let version: UInt8 = 1

    let type: UInt8
    let id: UInt16
    let content: Range<Int>
    let padding: Int

    var end: Int { content.upperBound + padding }
    var isEmpty: Bool { content.isEmpty }

    /// The record whose header stands at `position`; nil while the header is not whole.
    static func read(_ bytes: Span<UInt8>, at position: Int) throws(Refusal) -> Record? {
        guard position < bytes.count else { return nil }
        guard bytes[position] == version else { throw .version }
        guard bytes.count - position >= headerLength else { return nil }
        let start = position + headerLength
        let length = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
        return Record(
            type: bytes[position + 1],
            id: UInt16(bytes[position + 2]) << 8 | UInt16(bytes[position + 3]),
            content: start..<start + length,
            padding: Int(bytes[position + 6]))
    }
}
