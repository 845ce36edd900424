import RateWindows

/// Where a password comes from, as budgets and bans see it.
struct LoginOrigin: Sendable {
    /// As the web server sent it.
    let text: String
    let address: InternetAddress
    /// The IPv4 address, or the IPv6 /64: who sits behind it shares one budget.
    let network: Key
    /// The /48 around an IPv6 address, since a customer gets 65,536 networks of 64 bits; nil for IPv4.
    let wide: Key?

    /// nil for a text that is no address.
    init?(_ text: String) {
        guard let address = InternetAddress(text), let network = Key(address: text) else { return nil }
        self.text = text
        self.address = address
        self.network = network
        wide = Key(network: text)
    }
}
