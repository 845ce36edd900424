import Cryptography

/// What `postern check` asks about the secret that stands in nginx's files.
public enum PeerSecretCheck {
    /// Whether it is the one that the workers go by; `nil`: they go by none, or theirs cannot be read here.
    public static func isRight(_ secret: String, _ settings: Settings) -> Bool? {
        guard let own = try? Assembly.peerSecret(settings) else { return nil }
        return own.withBytes { constantTimeEqual($0, Array(secret.utf8).span) }
    }
}
