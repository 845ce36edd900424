import Synchronization
import System

/// Watches a key file and holds the ring in force. A file that cannot be used changes nothing: the keys of before stay.
///
/// The path is looked up each time, so a rename, a symbolic link that is swapped (the Kubernetes CSI driver, vault
/// agents) and a write in place are all seen. Polled every 250 ms, a change is in force within 1 s.
public final class KeySource: Sendable {
    /// What a poll found; said once for each change of the file.
    public enum Event: Sendable, Equatable {
        /// The file's keys are in force: their `kid`s in its order, and which of them is new and signs in 2 s.
        case loaded(keys: [String], added: [String], removed: [String], notes: [String])
        /// The file cannot be used; the keys of before stay in force.
        case refused(KeyFileError)
    }

    /// What stat(2) says of the path.
    private enum Sight: Equatable {
        case file(FileStatus)
        case nothing(SystemError)
    }

    private struct Watch {
        /// What the ring, or the last refusal, came from.
        var acted: Sight
        /// Something else, seen once: it must look the same at the next poll.
        var candidate: Sight?
        /// The file is read once more after each reading: a second write of the same length within the tick of the
        /// file system's clock looks the same.
        var isSecondLookDue = true
        var lastRefusal: KeyFileError?
        var keepPrevious: Int64

        init(acted: Sight, keepPrevious: Int64) {
            self.acted = acted
            self.keepPrevious = keepPrevious
        }

        mutating func settle(_ sight: Sight, refusal: KeyFileError?, isSecondLook: Bool) {
            acted = sight
            candidate = nil
            isSecondLookDue = !isSecondLook
            lastRefusal = refusal
        }
    }

    public let path: String
    private let publicSecrets: KeyFile.PublicSecretRule
    private let current: Mutex<KeyRing>
    /// What `current` holds, for the requests.
    private let published: PerThread<KeyRing>
    private let watch: Mutex<Watch>

    /// Reads the file; its keys sign at once.
    ///
    /// - `keepPrevious`: how long a raw secret that was replaced goes on verifying, in seconds: the longest life of a
    ///   token, or 0. It is kept in memory only, so a worker that starts later does not know it. Even with 0 it
    ///   verifies for `KeyRing.handover`, in which other workers read the change.
    public init(
        path: String, keepPrevious: Int64, publicSecrets: KeyFile.PublicSecretRule = .refuse
    ) throws(KeyFileError) {
        let (file, status) = try KeyFile.loadWithStatus(path, publicSecrets: publicSecrets)
        self.path = path
        self.publicSecrets = publicSecrets
        let ring = KeyRing(starting: file.keys)
        current = Mutex(ring)
        published = PerThread { ring }
        watch = Mutex(Watch(acted: .file(status), keepPrevious: keepPrevious))
    }

    /// The ring in force.
    public var ring: KeyRing { published.withValue { $0 } }

    /// The reason why the file as it is now is not in force; `nil` when it is.
    public var refusal: KeyFileError? { watch.withLock { $0.lastRefusal } }

    /// Looks at the file. Called every 250 ms by one thread.
    public func poll(at moment: Moment) -> Event? {
        let sight = look()
        return watch.withLock { watch in
            let isSecondLook = sight == watch.acted && watch.isSecondLookDue
            if !isSecondLook {
                guard sight != watch.acted else {
                    watch.candidate = nil
                    return nil
                }
                guard watch.candidate == sight else {
                    watch.candidate = sight
                    return nil
                }
            }
            return act(on: sight, &watch, isSecondLook: isSecondLook, at: moment)
        }
    }

    /// Forgets the keys of before (`postern key retire`): their tokens are refused from now on, at the latest when a
    /// new key's 2 s are over.
    public func retirePrevious(at moment: Moment) {
        current.withLock { ring in
            ring = ring.retiringPrevious(at: moment)
            published.replace(ring)
        }
    }

    /// Another `keep_previous`, after a reload of the settings; 0 also ends what is kept now.
    public func keepPrevious(_ seconds: Int64, at moment: Moment) {
        watch.withLock { $0.keepPrevious = seconds }
        if seconds == 0 { retirePrevious(at: moment) }
    }

    private func look() -> Sight {
        do throws(SystemError) {
            return .file(try FileStatus.of(path))
        } catch {
            return .nothing(error)
        }
    }

    private func act(on sight: Sight, _ watch: inout Watch, isSecondLook: Bool, at moment: Moment) -> Event? {
        do throws(KeyFileError) {
            let (file, status) = try KeyFile.loadWithStatus(path, publicSecrets: publicSecrets)
            guard sight == .file(status) else {
                watch.candidate = .file(status)
                return nil
            }
            let wasRefused = watch.lastRefusal != nil
            watch.settle(sight, refusal: nil, isSecondLook: isSecondLook)
            return put(file, wasRefused: wasRefused, keepPrevious: watch.keepPrevious, at: moment)
        } catch {
            guard error.code != .changing, sight == look() else {
                watch.candidate = nil
                return nil
            }
            let isKnown = watch.lastRefusal == error
            watch.settle(sight, refusal: error, isSecondLook: isSecondLook)
            return isKnown ? nil : .refused(error)
        }
    }

    /// Puts the keys in force. A file that says what it said before is no event, but for one after a refusal.
    private func put(_ file: KeyFile, wasRefused: Bool, keepPrevious: Int64, at moment: Moment) -> Event? {
        current.withLock { ring in
            let before = ring.entries.filter(\.isInFile).map(\.key)
            let isSame = before.count == file.keys.count && zip(before, file.keys).allSatisfy { $0.isSame(as: $1) }
            guard !isSame || wasRefused else { return nil }
            if !isSame {
                ring = ring.replacing(with: file.keys, at: moment, keepPrevious: keepPrevious)
                published.replace(ring)
            }
            return .loaded(
                keys: file.keys.map(\.id),
                added: file.keys.filter { key in !before.contains { $0.isSameSecret(as: key) } }.map(\.id),
                removed: before.filter { key in !file.keys.contains { $0.isSameSecret(as: key) } }.map(\.id),
                notes: file.notes)
        }
    }
}
