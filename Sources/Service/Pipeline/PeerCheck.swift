import Cryptography
import HTTP
import Synchronization

/// Only the web server may ask: it knows the peer secret, and PHP under the same system user does not.
final class PeerCheck: Sendable {
    private let secret: SecretBytes?
    private let refusals = Atomic<Int>(0)

    /// - Parameter secret: nil when the settings ask for none.
    init(secret: SecretBytes?) { self.secret = secret }

    var refused: Int { refusals.load(ordering: .relaxed) }

    func check(_ request: Request) throws(Problem) {
        guard let secret else { return }
        let sent = request.peerSecret.utf8
        guard secret.withBytes({ constantTimeEqual($0, sent.span) }) else {
            refusals.add(1, ordering: .relaxed)
            throw Problems.peer
        }
    }
}
