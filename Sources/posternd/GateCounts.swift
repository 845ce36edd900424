import FastCGI
import Service

/// What the journal tells of the gate: defects, which must never happen, and connections that it closed.
enum GateCounts {
    static func of(_ statistics: Statistics) -> [Count] {
        let refused = statistics.refused.map { Count("gate.refused", reason: $0.key.rawValue, total: $0.value) }
        return [Count("gate.defect", total: statistics.gateDefects, isDefect: true)] + refused
    }
}
