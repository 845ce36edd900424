import Service
import System
import Tokens

/// The key file, as a worker reads it.
enum KeyLook {
    static func findings(_ settings: Settings) -> [Finding] {
        let path = settings.keys.file
        let file: KeyFile
        let permissions: String
        do {
            file = try KeyFile.load(path)
            permissions = try FileStatus.of(path).permissions
        } catch {
            return [.fail("key", "\(error)")]
        }
        let now = Moment.now()
        var findings = file.notes.map { Finding.warn("key", "\(path): \($0)", cure: "take it out of the file") }
        guard let signer = KeyRing(starting: file.keys).signer(at: now) else {
            return findings + [
                .fail("key", "\(path): no key signs now. Cure: correct its times, or postern key generate")
            ]
        }
        let until = signer.life.signsUntil.map { " until \(Timestamp.text($0))" } ?? ""
        let others = file.keys.count == 1 ? "" : " · \(file.keys.count) keys"
        findings.insert(
            .ok("key", "\(path) \(permissions) · \(signer.id) \(signer.algorithm.rawValue) signs\(until)\(others)"),
            at: 0)
        return findings
    }
}
