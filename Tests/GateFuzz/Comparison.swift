import FastCGI
import Glibc
import TestKit

/// One case through the gate and, where it passes, through libfcgi.
enum Comparison {
    enum Result {
        case agreed(String)
        case finding(String)
    }

    static func compare(_ sample: Sample, _ random: inout Random) -> Result {
        var gate = Gate(limits: Limits())
        let verdict = gate.judge(sample.bytes.span)
        switch verdict {
        case .incomplete:
            return sample.isSound ? .finding("a sound request is incomplete") : .agreed("incomplete")
        case .refused(let reason):
            return sample.isSound ? .finding("a sound request is refused: \(reason)") : .agreed("refused")
        case .headOnly:
            return take(sample.bytes, readsBody: false) ?? .agreed("headOnly")
        case .whole:
            let cut = Array(sample.bytes[..<random.below(sample.bytes.count)])
            // An Authorizer's request may end at its PARAMS as well.
            let part = gate.judge(cut.span)
            if part != .incomplete && part != .headOnly { return .finding("a part of a whole request is \(part)") }
            return take(sample.bytes, readsBody: true) ?? .agreed("whole")
        }
    }

    /// nil when libfcgi took what the reference reader sees.
    private static func take(_ bytes: [UInt8], readsBody: Bool) -> Result? {
        guard let reference = Reference(bytes, readsBody: readsBody) else {
            return .finding("the gate passes what is no request")
        }
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return nil }
        let peer = FastCGIPeer(owning: ends[0])
        // A case whose many small records the socket buffer cannot hold would wait for its reader.
        guard (try? peer.sendSome(bytes, milliseconds: 0)) == bytes.count else {
            close(ends[1])
            return nil
        }
        let request = LibraryRequest()
        guard request.take(ends[1]) else { return .finding("libfcgi refuses what the gate passes") }
        guard request.isSound else { return .finding("libfcgi read the head with an error") }
        guard request.isAuthorizer == reference.isAuthorizer, request.keepsConnection == reference.keepsConnection
        else { return .finding("role or keep flag differ") }
        // The first one is libfcgi's own, FCGI_ROLE.
        guard Array(request.parameters.dropFirst()) == reference.parameters else {
            return .finding("parameters differ")
        }
        if readsBody {
            guard request.readBody(count: reference.body.count) == reference.body else {
                return .finding("bodies differ")
            }
            guard request.unparsed == 0 else { return .finding("libfcgi left bytes unparsed") }
        }
        return answer(request, peer, ends[1])
    }

    /// The answer must come back whole, and the descriptor with nothing in it that was read.
    private static func answer(_ request: LibraryRequest, _ peer: FastCGIPeer, _ descriptor: Int32) -> Result? {
        let body: [UInt8] = Array("Status: 204 No Content\r\n\r\n".utf8)
        guard request.answer(body) else { return .finding("libfcgi could not answer") }
        guard request.release() == descriptor else { return .finding("libfcgi lost the descriptor") }
        close(descriptor)
        guard let answer = try? peer.receive(milliseconds: 1000), answer.status == 204, answer.protocolStatus == 0
        else {
            return .finding("no sound answer came back")
        }
        return nil
    }
}

/// A second reader of requests, written from the specification: plain and slow.
struct Reference {
    var isAuthorizer = false
    var keepsConnection = false
    /// `NAME=value`, in order.
    var parameters: [[UInt8]] = []
    var body: [UInt8] = []

    /// Without the body, what stands behind the PARAMS is no matter.
    init?(_ bytes: [UInt8], readsBody: Bool) {
        var params: [UInt8] = []
        var position = 0
        records: while bytes.count - position >= 8 {
            let length = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            let padding = Int(bytes[position + 6])
            guard bytes.count - position - 8 >= length else { break }
            let content = bytes[position + 8..<position + 8 + length]
            switch bytes[position + 1] {
            case 1:
                isAuthorizer = content[content.startIndex + 1] == 2
                keepsConnection = content[content.startIndex + 2] & 1 == 1
            case 4 where length == 0 && !readsBody: break records
            case 4: params += content
            case 5: body += content
            default: return nil
            }
            position += 8 + length + padding
        }
        var rest = params[...]
        while !rest.isEmpty {
            guard let name = Reference.length(&rest), let value = Reference.length(&rest),
                rest.count >= name + value
            else { return nil }
            parameters.append(Array(rest.prefix(name)) + [UInt8(ascii: "=")] + rest.dropFirst(name).prefix(value))
            rest = rest.dropFirst(name + value)
        }
    }

    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) }
        guard rest.count >= 3 else { return nil }
        var length = Int(first & 0x7f)
        for _ in 1...3 { length = length << 8 | Int(rest.removeFirst()) }
        return length
    }
}
