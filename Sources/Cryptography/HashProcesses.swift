import Synchronization
import System

/// Processes that compute password hashes for this one, each with a share of the processor of its own, a small one.
///
/// A hash takes a quarter of a second of calculation. Linux shares the processor between sessions and services before it
/// looks at the priority of threads, so a hash in the worker itself would hold up the answers of every other program
/// that has requests under way, the web server first (docs/performance.md).
public final class HashProcesses: Sendable {
    private let program: String
    private let arguments: [String]
    private let idle = Mutex<[HelperProcess]>([])
    private let ended = Atomic<Int>(0)
    private let missed = Atomic<Int>(0)

    /// - Parameter arguments: with them the program runs `HashProcesses.serve`.
    public init(program: String = HelperProcess.thisProgram, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// How many ended before they had answered: another one was asked.
    public var lost: Int { ended.load(ordering: .relaxed) }
    /// How often none could be started: the hash was computed in the calling thread.
    public var missing: Int { missed.load(ordering: .relaxed) }

    /// Starts as many, so that the first hashes need not wait for it. Else each is started when it is needed.
    public func start(_ count: Int) {
        for _ in 0..<count {
            guard let helper = try? HelperProcess(program: program, arguments: arguments) else { return }
            idle.withLock { $0.append(helper) }
        }
    }

    /// Ends those that have nothing to do.
    public func stop() {
        // They end with the array, and not within the lock.
        let helpers = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        _ = consume helpers
    }

    /// `nil`: refused or failed, also where two processes ended over it.
    func hash(_ phrase: SecretBytes, setting: [UInt8]) -> [UInt8]? {
        AnsweringThreads.giveWay {
            var message = HashMessage.question(phrase, setting: setting)
            defer { wipe(&message) }
            // Any of them may have been killed while it had nothing to do; a fresh one has not.
            for helper in [idle.withLock { $0.popLast() } ?? fresh(), nil] {
                guard let helper = helper ?? fresh() else {
                    missed.add(1, ordering: .relaxed)
                    return Crypt.hash(phrase, setting: setting)
                }
                if let answer = helper.ask(message.span, limit: HashMessage.limit) {
                    idle.withLock { $0.append(helper) }
                    return HashMessage.hash(answer)
                }
                ended.add(1, ordering: .relaxed)
            }
            return nil
        }
    }

    private func fresh() -> HelperProcess? { try? HelperProcess(program: program, arguments: arguments) }

    /// The program's side: computes hashes until the other process has gone away.
    public static func serve() {
        HelperProcess.serve("posternd-hash", limit: HashMessage.limit) { message in
            defer { wipe(&message) }
            guard let (phrase, setting) = HashMessage.parts(&message) else { return HashMessage.answer(nil) }
            return HashMessage.answer(Crypt.hash(phrase, setting: setting))
        }
    }
}

/// The question: the setting's length in two bytes, the setting, the phrase. The answer: 1 and the hash, or 0.
enum HashMessage {
    /// Bytes; a setting, like a hash, is shorter than 384 (crypt(5), CRYPT_OUTPUT_SIZE).
    static let limit = 2 + 384 + Crypt.longestPhrase

    static func question(_ phrase: SecretBytes, setting: [UInt8]) -> [UInt8] {
        var message = [UInt8]()
        message.reserveCapacity(limit)
        message += [UInt8(setting.count >> 8), UInt8(setting.count & 255)]
        message += setting
        phrase.withBytes { phrase in
            for index in 0..<min(phrase.count, Crypt.longestPhrase) { message.append(phrase[index]) }
        }
        return message
    }

    static func parts(_ message: inout [UInt8]) -> (phrase: SecretBytes, setting: [UInt8])? {
        guard message.count >= 2 else { return nil }
        let length = Int(message[0]) << 8 | Int(message[1])
        guard message.count >= 2 + length else { return nil }
        return (SecretBytes(message.span.extracting((2 + length)...)), Array(message[2..<2 + length]))
    }

    static func answer(_ hash: [UInt8]?) -> [UInt8] { hash.map { [1] + $0 } ?? [0] }

    static func hash(_ answer: [UInt8]) -> [UInt8]? { answer.first == 1 ? Array(answer.dropFirst()) : nil }
}
