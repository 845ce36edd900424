import Foundation
import Testing

/// Files of the folder `Vectors`, copied beside the tests.
enum Vectors {
    static func read<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Vectors")
        return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func bytes(hex text: String) -> [UInt8] {
        let digits = Array(text.utf8).map { UInt8(String(UnicodeScalar($0)), radix: 16)! }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
