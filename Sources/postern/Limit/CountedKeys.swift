import Accounts
import RateWindows
import Service

/// Whom a person means by a word, and all the keys that the rate table counts it by.
struct CountedKeys {
    /// What it is, in one form: "2001:db8:1:2::/64", an e-mail.
    let title: String
    /// A key and what it stands for, where the key itself does not tell.
    let keys: [(key: Key, label: String)]
    let user: User?

    func label(of key: Key) -> String? { keys.first { $0.key == key }?.label }

    /// - Parameter word: IPv4, IPv6 (an address, its /64 or /48), a user id or an e-mail address.
    init(_ word: String, in table: Table, _ names: UserNames) throws {
        if word.contains("@") {
            let email = try UserAccess.email(word)
            let user = names.user(email)
            title = email.text
            self.user = user
            keys = CountedKeys.keys(of: user?.id, email, in: table, names)
        } else if let id = UserID(word) {
            let user = names.user(id)
            title = user?.email.text ?? id.description
            self.user = user
            keys = CountedKeys.keys(of: id, user?.email, in: table, names)
        } else {
            keys = try CountedKeys.network(word).map { ($0, $0.text) }
            title = keys[0].label
            user = nil
        }
    }

    /// The keys of an address; the /64 or the /48 alone where that was named.
    static func network(_ word: String) throws(Failure) -> [Key] {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        let head = parts.first.map(String.init) ?? ""
        guard let address = Key(address: head), parts.count <= 2 else {
            throw unusable(word, "no address, user id or e-mail address")
        }
        let wide = Key(network: head)
        switch (parts.count == 1 ? nil : parts[1], wide) {
        case (nil, let wide): return [address] + (wide.map { [$0] } ?? [])
        case ("32", nil), ("64", .some): return [address]
        case ("48", .some(let wide)): return [wide]
        default: throw unusable(word, "counted are single IPv4 addresses, and IPv6 networks of 64 and 48 bits")
        }
    }

    private static func unusable(_ word: String, _ reason: String) -> Failure {
        Failure("\(TerminalText.safe(word)): \(reason)", status: ExitStatus.unusable)
    }

    /// By id, by e-mail, and both together with each network that the user has logged in or tried from.
    private static func keys(
        of id: UserID?, _ email: EmailAddress?, in table: Table, _ names: UserNames
    ) -> [(Key, String)] {
        let user = id.map { Key.user(high: $0.high, low: $0.low) }
        let mail = email.flatMap { table.email($0.text.utf8) }
        let who = email?.text ?? id?.description ?? ""
        var keys = [user, mail].compactMap { $0 }.map { ($0, who) }
        for network in id.map({ UserNetworks.of($0, names) }) ?? [] {
            for key in [user, mail].compactMap({ $0 }) {
                if let pair = table.pair(key, network) { keys.append((pair, "\(who) at \(network.text)")) }
            }
        }
        return keys
    }
}

/// The networks that a user has to do with, as MariaDB knows them.
enum UserNetworks {
    /// Known ones first, then those of the last attempts.
    static func of(_ id: UserID, _ names: UserNames) -> [Key] {
        let known = names.ask { try $0.networks.known(of: id) } ?? []
        let events = names.ask { try $0.loginEvents.last(of: id, limit: 100) } ?? []
        return keys(known, events)
    }

    static func keys(_ known: [KnownNetwork], _ events: [LoginEvent]) -> [Key] {
        var networks: [Key] = []
        for text in known.map(\.network) + events.map(\.address) {
            // "2001:db8:1:2::/64" as the key of an address writes it.
            guard let key = Key(address: String(text.prefix { $0 != "/" })), !networks.contains(key) else { continue }
            networks.append(key)
        }
        return networks
    }
}
