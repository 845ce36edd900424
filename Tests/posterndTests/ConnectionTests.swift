import FastCGI
import Foundation
import Testing

@testable import Service

@Suite("The connections of a worker")
struct ConnectionTests {
    @Test("Half of them are left for others when as many guesses as may wait are parked")
    func parked() {
        #expect(Parking.capacity * 2 <= Limits().maxConnections)
    }

    /// What nginx does where its settings say nothing (ngx_http_upstream_module, keepalive_timeout).
    private static let usual = 60

    @Test("An idle one is closed by nginx first: a worker waits longer than nginx's keepalive_timeout, as shipped")
    func idle() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("nginx/conf.d/postern.conf")
        let shipped = try String(contentsOf: file, encoding: .utf8)
        #expect(shipped.contains(#/(?m)^ *keepalive \d+;/#))
        let said = shipped.matches(of: #/(?m)^ *keepalive_timeout (\d+)s?;/#).compactMap { Int($0.1) }
        // A spelling that is not read here would pass unseen.
        #expect(said.count == shipped.matches(of: #/keepalive_timeout/#).count)
        for seconds in said.isEmpty ? [Self.usual] : said { #expect(Limits().idleTimeout > .seconds(seconds)) }
    }
}
