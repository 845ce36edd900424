import Glibc
import System

/// A folder of a test's own, removed with what is in it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws(SystemError) {
        var template = Array("/tmp/postern-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw .last("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in (try? Files.list(path)) ?? [] { try? Files.remove("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
