import Accounts
import Service

/// Whom a person wants banned, or not any more.
enum BanWord {
    private static let loopback = [Network("127.0.0.0/8"), Network("::1")].compactMap { $0 }
    /// Bits; what has fewer is most of a continent.
    private static let (widestIPv4, widestIPv6) = (8, 32)

    /// - Parameter word: an address, a network in CIDR form, a user id or an e-mail address.
    /// - Parameter find: gives the user of an e-mail or an id; throws when there is none.
    static func subject(_ word: String, _ find: (String) throws -> User) throws -> (BanSubject, User?) {
        if word.contains("@") || UserID(word) != nil {
            let user = try find(word)
            return (.user(user.id), user)
        }
        guard let network = Network(word) else {
            throw Failure(
                "\(TerminalText.safe(word)): no address, network, user id or e-mail address",
                status: ExitStatus.unusable)
        }
        return (.network(network.canonical), nil)
    }

    /// Why such a ban is most likely a mistake; `nil` when it is none.
    static func danger(_ subject: BanSubject) -> String? {
        guard case .network(let text) = subject, let network = Network(text) else { return nil }
        if loopback.contains(where: network.overlaps) {
            return "\(text): holds this host's own address, and whatever a proxy here passes on"
        }
        let widest = network.isIPv4 ? widestIPv4 : widestIPv6
        guard network.length < widest else { return nil }
        return "\(text): wider than /\(widest)"
    }
}
