import Service
import System
import Tokens

/// The key file as the command reads it: which key signs, until when.
enum KeysGlance {
    static func line(_ settings: Settings, now: Moment) -> StatusLine {
        do {
            let file = try KeyFile.load(settings.keys.file)
            guard let signer = KeyRing(starting: file.keys).signer(at: now) else {
                return StatusLine(
                    subject: "keys", health: .degraded, head: "none signs", detail: settings.keys.file,
                    hint: "postern key list", json: [("signs", .null)])
            }
            let until = signer.life.signsUntil.map { "until \(Timestamp.text($0))" } ?? "without an end"
            let others = file.keys.filter { $0.id != signer.id && $0.life.mayVerify(at: now.wall) }.map(\.id)
            return StatusLine(
                subject: "keys", head: "\(signer.id) signs",
                detail: until + (others.isEmpty ? "" : " · \(others.joined(separator: ", ")) verifies"),
                json: [
                    ("signs", .text(signer.id)), ("until", JSON(signer.life.signsUntil.map(Timestamp.text))),
                    ("verify", .list(others.map(JSON.text))),
                ])
        } catch {
            return StatusLine(
                subject: "keys", health: .degraded, head: "unusable", detail: "\(error)", hint: "postern check",
                json: [("error", .text("\(error)"))])
        }
    }
}
