import Testing

@testable import System

@Suite("Texts as bytes, many at a time")
struct TextTests {
    /// Every byte of ASCII at every place of texts of up to twelve, and two that are not ASCII.
    private static let texts: [String] = {
        var texts: [String] = []
        let characters: [String] = (UInt8(0)..<128).map { String(Unicode.Scalar($0)) } + ["é", "\u{10ffff}"]
        for length in 1...12 {
            for place in 0..<length {
                let start = String(repeating: "a", count: place)
                let end = String(repeating: "z", count: length - place - 1)
                for character in characters { texts.append(start + character + end) }
            }
        }
        return texts
    }()

    private func agree(_ eight: (EightBytes) -> Bool, _ one: (UInt8) -> Bool) -> String? {
        TextTests.texts.first { $0.hasEight(eight) != $0.utf8.contains(where: one) }
    }

    @Test("What is found among eight bytes is what is found one by one")
    func found() {
        #expect(!"".hasEight { _ in true })
        #expect(agree({ $0.hasByte(below: 0x20) }, { $0 < 0x20 }) == nil)
        #expect(agree({ $0.hasByte(below: 0x09) }, { $0 < 0x09 }) == nil)
        #expect(agree({ !$0.isASCII }, { $0 >= 0x80 }) == nil)
        // But for the space, with which the end is filled up.
        for byte in UInt8.min...UInt8.max where byte != 0x20 {
            #expect(agree({ $0.has(byte) }, { $0 == byte }) == nil, "byte \(byte)")
        }
    }

    @Test("Texts and numbers are appended as they would be one byte after the other")
    func appended() {
        for text in TextTests.texts.filter({ $0.utf8.count > 8 }) + ["", "é"] {
            var bytes: [UInt8] = [1]
            bytes.append(text: text)
            #expect(bytes == [1] + Array(text.utf8))
        }
        for number in [0, 9, 10, 99, 100, 1_000_000, UInt64.max] {
            var bytes: [UInt8] = []
            bytes.append(decimal: number)
            #expect(String(decoding: bytes, as: UTF8.self) == "\(number)")
        }
    }
}
