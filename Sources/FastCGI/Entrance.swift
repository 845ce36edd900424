import Glibc
import Synchronization
import System

/// The listening socket and the spare descriptor that keeps it usable when there are no others.
///
/// The socket is watched only while the spare is held. accept(2) without a free descriptor leaves the connection in
/// the listen queue and the socket readable: to watch it then would spin.
final class Entrance: Sendable {
    private let listening: FileDescriptor
    private let spare: Mutex<FileDescriptor?>
    /// Set while new connections wait for a descriptor or for a place; the slow lane looks again.
    let isPaused = Atomic<Bool>(false)

    init(listening: consuming FileDescriptor) {
        Socket.setNonBlocking(listening.rawValue)
        self.listening = listening
        spare = Mutex(Entrance.openSpare())
    }

    var descriptor: Int32 { listening.rawValue }

    private static func openSpare() -> FileDescriptor? {
        try? FileDescriptor.open("/dev/null", O_RDONLY)
    }

    /// Gives the spare up, so that one connection can be accepted. False when it was given up before.
    func spendSpare() -> Bool {
        spare.withLock { $0.take() != nil }
    }

    /// True when the spare is held (again).
    func regainSpare() -> Bool {
        spare.withLock { held in
            if held == nil { held = Entrance.openSpare() }
            return held != nil
        }
    }
}

/// Accepting.
extension Server {
    /// Takes the connections that wait in the listen queue, then watches it again.
    func acceptWaiting() {
        // Bounded: in between, this thread's share of requests wants to be served.
        for _ in 0..<64 {
            guard currentPhase == .serving else { return }
            guard table.openCount < limits.maxConnections else {
                counters.connectionShortages.add(1, ordering: .relaxed)
                return pauseAccepting()
            }
            switch Socket.accept(entrance.descriptor) {
            case .accepted(let descriptor): admit(descriptor)
            case .nothing: return watchListener()
            case .noDescriptor:
                counters.descriptorShortages.add(1, ordering: .relaxed)
                guard entrance.spendSpare() else { return pauseAccepting() }
                if case .accepted(let descriptor) = Socket.accept(entrance.descriptor) { admit(descriptor) }
                guard entrance.regainSpare() else { return pauseAccepting() }
            }
        }
        watchListener()
    }

    func watchListener() {
        poller.modify(entrance.descriptor, [.input, .oneShot], token: Token.listener)
    }

    private func pauseAccepting() {
        entrance.isPaused.store(true, ordering: .releasing)
        slowLane.wake()
    }

    private func admit(_ descriptor: Int32) {
        counters.accepted.add(1, ordering: .relaxed)
        guard let connection = table.open(descriptor) else { return Socket.close(descriptor) }
        Socket.setTimeouts(descriptor, limits.socketTimeout)
        poller.add(descriptor, [.input, .oneShot], token: connection.token)
        if !table.giveUp(connection) { rearm(connection) }
    }
}
