import System

/// The keys in force, as one unchanging value: what signs now, what verifies now.
///
/// A key that a running worker reads signs 2 s later, so that every other worker has read it too; until then the key
/// before it goes on. A key that left the file verifies for some seconds more, for the tokens of workers that have
/// not read the change yet; a raw secret for the time of `keep_previous`.
public struct KeyRing: Sendable {
    /// From reading a new key to signing with it, in ns of `Moment.boot`.
    public static let signingDelay: UInt64 = 2_000_000_000
    /// From the reading of a change to the end of a key that left the file: the delay above in another worker that
    /// read the change a second later, and a second more.
    public static let handover: UInt64 = 4_000_000_000

    public struct Entry: Sendable {
        public let key: TokenKey
        /// Whether the file holds the key now; else it is a key of before.
        public let isInFile: Bool
        /// Times of `Moment.boot`, half-open.
        public let signsFrom: UInt64
        public let signsUntil: UInt64
        public let verifiesUntil: UInt64

        func maySign(at moment: Moment) -> Bool {
            signsFrom <= moment.boot && moment.boot < signsUntil && key.life.maySign(at: moment.wall)
        }

        func mayVerify(at moment: Moment) -> Bool {
            moment.boot < verifiesUntil && key.life.mayVerify(at: moment.wall)
        }
    }

    /// The file's keys in its order, then the keys of before.
    public let entries: [Entry]
    /// Another number for each change of the keys, from 1.
    public let generation: UInt64

    /// The ring of a worker that starts, and of a command: every key may sign at once.
    public init(starting keys: [TokenKey]) {
        self.init(
            entries: keys.map {
                Entry(key: $0, isInFile: true, signsFrom: 0, signsUntil: .max, verifiesUntil: .max)
            },
            generation: 1)
    }

    private init(entries: [Entry], generation: UInt64) {
        self.entries = entries
        self.generation = generation
    }

    /// The key that signs: of those in the file that may, the one with the latest `signs_from`, of equal ones the
    /// first in the file; where none may yet, the key of before.
    public func signer(at moment: Moment) -> TokenKey? {
        let ready = entries.filter { $0.maySign(at: moment) }
        let inFile = ready.filter(\.isInFile)
        return (inFile.isEmpty ? ready : inFile).reduce(nil as TokenKey?) { best, entry in
            guard let best else { return entry.key }
            return (entry.key.life.signsFrom ?? .min) > (best.life.signsFrom ?? .min) ? entry.key : best
        }
    }

    /// Whether a key that verified a token before still may.
    func mayVerify(_ key: TokenKey, at moment: Moment) -> Bool {
        entries.contains { $0.key === key && $0.mayVerify(at: moment) }
    }

    /// The ring after a worker has read these keys in place of the ones before.
    ///
    /// - `keepPrevious`: how long a raw secret of before verifies, in seconds.
    public func replacing(with keys: [TokenKey], at moment: Moment, keepPrevious: Int64) -> KeyRing {
        let present = keys.map { key in
            let known = entries.first { $0.key.isSameSecret(as: key) }
            // A key that signs already goes on: the other workers have it.
            let signsFrom =
                switch known {
                case .some(let entry) where entry.isInFile || moment.boot < entry.signsUntil: entry.signsFrom
                default: moment.boot + KeyRing.signingDelay
                }
            return Entry(key: key, isInFile: true, signsFrom: signsFrom, signsUntil: .max, verifiesUntil: .max)
        }
        let departed = entries.compactMap { entry -> Entry? in
            guard !keys.contains(where: { $0.isSameSecret(as: entry.key) }), entry.mayVerify(at: moment) else {
                return nil
            }
            let isKept = entry.key.origin == .rawSecret
            let kept = isKept ? max(KeyRing.handover, KeyRing.nanoseconds(keepPrevious)) : KeyRing.handover
            return Entry(
                key: entry.key, isInFile: false, signsFrom: entry.signsFrom,
                signsUntil: min(entry.signsUntil, moment.boot + KeyRing.signingDelay),
                verifiesUntil: min(entry.verifiesUntil, moment.boot + kept))
        }
        return KeyRing(entries: present + departed, generation: generation + 1)
    }

    /// The ring without the keys of before: their tokens are refused from now on. One that still signs, because the
    /// new key is not two seconds old, stays until that is over.
    public func retiringPrevious(at moment: Moment) -> KeyRing {
        let remaining = entries.compactMap { entry -> Entry? in
            if entry.isInFile { return entry }
            guard entry.maySign(at: moment) else { return nil }
            return Entry(
                key: entry.key, isInFile: false, signsFrom: entry.signsFrom, signsUntil: entry.signsUntil,
                verifiesUntil: min(entry.verifiesUntil, entry.signsUntil + KeyRing.signingDelay))
        }
        return KeyRing(entries: remaining, generation: generation + 1)
    }

    private static func nanoseconds(_ seconds: Int64) -> UInt64 {
        UInt64(min(max(seconds, 0), 1_000_000_000)) * 1_000_000_000
    }
}
