import Service

/// Whom nginx believes about the address of a client (realip).
struct NginxAddresses {
    let gate: NginxGate

    /// Wider than any network that is somebody's own: 10.0.0.0/8, fc00::/7.
    private static func isEverybody(_ network: Network) -> Bool { network.length < (network.isIPv4 ? 8 : 7) }

    var findings: [Finding] {
        let levels = [gate.configuration.http] + gate.configuration.servers.flatMap(\.level.all)
        return levels.flatMap { $0.own("set_real_ip_from") }.filter { line in
            Network(line.value).map(NginxAddresses.isEverybody) ?? false
        }.map { line in
            .nginx(
                .fail, nil,
                "\"\(line.text)\" (\(line.place)): every client chooses its own address, and with it a fresh rate limit, and "
                    + "whom a ban meets",
                cure: "set_real_ip_from with the addresses of your proxy, nothing wider")
        }
    }
}
