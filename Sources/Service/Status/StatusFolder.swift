import System

/// Where workers leave their status: beside the rate table, which they may write, in a folder that is empty after a boot.
public struct StatusFolder: Sendable {
    private static let sizeLimit = 16_384

    public let path: String

    public init(_ settings: Settings) {
        let file = settings.service.ratesFile
        path = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    }

    func file(of pid: Int) -> String { "\(path)/worker-\(pid).status" }

    /// What is there, of workers that live and of such as were killed, by worker number and process; what cannot be
    /// read as a status, another release's perhaps, is left out.
    public func all() throws(SystemError) -> [WorkerStatus] {
        try Files.list(path).filter { $0.hasPrefix("worker-") && $0.hasSuffix(".status") }
            .compactMap { name in read("\(path)/\(name)") }
            .sorted { ($0.number.utf8.count, $0.number, $0.pid) < ($1.number.utf8.count, $1.number, $1.pid) }
    }

    private func read(_ path: String) -> WorkerStatus? {
        guard let bytes = try? Files.read(path, limit: StatusFolder.sizeLimit) else { return nil }
        return WorkerStatus(text: String(decoding: bytes, as: UTF8.self))
    }
}

extension StatusFolder {
    /// The processes that left a file, for whoever may not read what is in it.
    public func processIDs() -> [Int] {
        ((try? Files.list(path)) ?? []).compactMap { name in
            guard name.hasPrefix("worker-"), name.hasSuffix(".status") else { return nil }
            return Int(name.dropFirst("worker-".count).dropLast(".status".count))
        }
    }
}
