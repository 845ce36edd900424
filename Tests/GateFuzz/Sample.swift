import TestKit

/// A request, sound or broken in a few places.
struct Sample {
    var bytes: [UInt8]
    /// Whether nothing was broken: the gate must pass it.
    let isSound: Bool

    init(_ random: inout Random) {
        var sound = Sample.request(&random)
        let breaks = random.pick([0, 0, 1, 1, 1, 2, 3, 6])
        for _ in 0..<breaks { Sample.breakOnce(&sound, &random) }
        bytes = sound
        isSound = breaks == 0
    }

    private static func request(_ random: inout Random) -> [UInt8] {
        let body = random.bytes(random.chance(3) ? random.size(upTo: 32_768) : 0)
        var request = FastCGIRequest("POST", "/fuzz", body: body)
        request.role = random.chance(5) ? 2 : 1
        request.id = UInt16(1 + random.below(random.chance(2) ? 1 : 65_535))
        request.keep = random.chance(2)
        // An Authorizer's body is no part of its request.
        if request.role == 2 { request.body = [] }
        for _ in 0..<random.below(6) { addHeader(&request, &random) }
        request.paramsSize = random.pick([1, 3, 8, 50, 255, 8000, 0xffff])
        request.stdinSize = random.pick([1, 8, 100, 8191, 0x8000, 0xffff])
        request.padding = random.pick([0, 0, 1, 7, 255])
        // As much as the gate takes; the rest is a case for its limit.
        if request.bytes.count > 120_000 {
            request.paramsSize = 0xffff
            request.stdinSize = 0xffff
        }
        switch random.below(8) {
        case 0 where request.role == 2: return request.head
        case 1 where request.role == 1:
            request.set("CONTENT_LENGTH", String(32_769 + random.below(1 << 40)))
            return request.head + random.bytes(random.size(upTo: 9000))
        default: return request.bytes
        }
    }

    private static func addHeader(_ request: inout FastCGIRequest, _ random: inout Random) {
        let name = "HTTP_" + String(decoding: random.bytes(random.size(upTo: 300), from: 0x41...0x5a), as: UTF8.self)
        let value = random.bytes(random.size(upTo: 4000), from: 0x20...0x7e)
        request.parameters.append((name, String(decoding: value, as: UTF8.self)))
    }

    private static func breakOnce(_ bytes: inout [UInt8], _ random: inout Random) {
        guard !bytes.isEmpty else { return }
        // Most of the format stands in the first bytes.
        let place = random.below(random.chance(2) ? min(bytes.count, 40) : bytes.count)
        switch random.below(10) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes[place] ^= 1 << UInt8(random.below(8))
        case 2: bytes.insert(contentsOf: random.bytes(random.below(20)), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
        case 4: bytes.removeLast(bytes.count - place)
        case 5: bytes += random.bytes(random.below(40))
        case 6: bytes.insert(contentsOf: record(&random), at: place)
        case 7: insertAtBorder(&bytes, record(&random), &random)
        case 8: addPadding(&bytes, &random)
        default: changeHeader(&bytes, &random)
        }
    }

    /// A record of any type, often one that may not stand in a request.
    private static func record(_ random: inout Random) -> [UInt8] {
        let type = UInt8(random.chance(8) ? random.below(256) : 1 + random.below(11))
        let id = UInt16(random.pick([0, 1, 1, 2]))
        let content =
            random.chance(4)
            ? FastCGI.pairs(Array(repeating: ("FCGI_MAX_CONNS", ""), count: random.below(9)))
            : random.bytes(random.pick([0, 0, 1, 8, 8, 30]))
        return FastCGI.record(type, id: id, content, padding: random.bytes(random.pick([0, 0, 1, 8, 255])))
    }

    /// Where the records of a request begin.
    private static func borders(_ bytes: [UInt8]) -> [Int] {
        var borders: [Int] = []
        var position = 0
        while bytes.count - position >= 8 {
            borders.append(position)
            position += 8 + Int(bytes[position + 4]) << 8 + Int(bytes[position + 5]) + Int(bytes[position + 6])
        }
        return borders
    }

    private static func insertAtBorder(_ bytes: inout [UInt8], _ record: [UInt8], _ random: inout Random) {
        let borders = borders(bytes)
        if !borders.isEmpty { bytes.insert(contentsOf: record, at: random.pick(borders)) }
    }

    /// Gives one record more padding, often a whole record, and says so in its header.
    private static func addPadding(_ bytes: inout [UInt8], _ random: inout Random) {
        let borders = borders(bytes)
        guard !borders.isEmpty else { return }
        let start = random.pick(borders)
        let end = start + 8 + Int(bytes[start + 4]) << 8 + Int(bytes[start + 5]) + Int(bytes[start + 6])
        let padding = random.chance(2) ? record(&random) : random.bytes(1 + random.below(30))
        guard end <= bytes.count, Int(bytes[start + 6]) + padding.count <= 255 else { return }
        bytes[start + 6] += UInt8(padding.count)
        bytes.insert(contentsOf: padding, at: end)
    }

    /// Changes one byte of one record's header.
    private static func changeHeader(_ bytes: inout [UInt8], _ random: inout Random) {
        let borders = borders(bytes)
        if !borders.isEmpty { bytes[random.pick(borders) + random.below(8)] = UInt8(random.pick([0, 1, 2, 8, 255])) }
    }
}
