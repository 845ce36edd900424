import Service

/// All that `postern check` has to say of nginx.
struct NginxReport {
    let findings: [Finding]

    /// - Parameter version: "1.22.1"
    init(_ configuration: NginxConfiguration, _ settings: Settings, version: String) {
        let gate = NginxGate(configuration, settings)
        guard !gate.doors.isEmpty else {
            findings = [
                .warn(
                    "nginx", "\(version): no location passes to \(PlaceLook.socketPath(settings))",
                    cure: "a vhost as in examples/nginx (docs/nginx.md), systemctl reload nginx")
            ]
            return
        }
        let old = NginxRelease(gate: gate).findings
        let upstream = configuration.upstreams.first { $0.name == "postern_once" }
        let parts = [
            version, upstream.map { NginxReport.file($0.place) }, old.isEmpty ? "snippets of this release" : nil,
        ]
        let servers = gate.guardedServers
        findings =
            [.ok("nginx", parts.compactMap { $0 }.joined(separator: " · "))] + old
            + servers.flatMap { server in
                NginxCoverage(gate: gate, server: server).findings + NginxReadings(gate: gate, server: server).findings
                    + NginxIdentity(gate: gate, server: server).findings
                    + NginxRefusals(gate: gate, server: server).findings
            } + NginxDoors(gate: gate).findings + NginxAddresses(gate: gate).findings
    }

    /// "conf.d/postern.conf"
    private static func file(_ place: NginxPlace) -> String {
        String(place.description.prefix { $0 != ":" })
    }
}
