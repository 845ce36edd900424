import HTTP

// The stages: Routed, Identified, Admitted, Authenticated. Each holds the one before it and can be made in the file of
// its stage function only, so a handler cannot run on a request that was not admitted and authenticated.

/// A request with its route.
struct Routed: Sendable {
    let context: RequestContext
    let route: Route
    /// What the location behind a check asks for; nil for every other role.
    let requirement: Requirement?

    fileprivate init(context: RequestContext, route: Route, requirement: Requirement? = nil) {
        self.context = context
        self.route = route
        self.requirement = requirement
    }
}

/// Finds the route of a request by its exact path. nginx has normalised the path already, so nothing is decoded here.
struct Router: Sendable {
    private let routes: [String: Route]
    private let gate: Gate

    init(_ routes: [Route], gate: Gate) {
        self.gate = gate
        self.routes = Dictionary(uniqueKeysWithValues: routes.map { ($0.path, $0) })
    }

    func route(_ context: RequestContext, monitors: [Network]) throws(Problem) -> Routed {
        let request = context.request
        switch request.role {
        case .api: break
        case nil: throw Problem(.notFound, "not_found", "There is nothing here.", reason: "no_role")
        case .check:
            return Routed(context: context, route: gate.check, requirement: try gate.requirement(of: context))
        case .denied: return Routed(context: context, route: gate.denied)
        // Until the pages exist their role stays closed.
        case .page: throw Problem(.notFound, "not_found", "There is nothing here.", reason: "unknown_role")
        }
        guard let route = routes[request.path] else {
            throw Problem(.notFound, "not_found", "There is nothing at this path.", reason: "no_route")
        }
        if case .monitor = route.access, !monitors.contains(where: { $0.contains(request.remoteAddress) }) {
            throw Problem(.notFound, "not_found", "There is nothing at this path.", reason: "not_a_monitor")
        }
        guard route.accepts(request.method) else {
            throw Problem(.methodNotAllowed, "method_not_allowed", "This path does not take the method.")
                .with(.allow, route.allow)
        }
        return Routed(context: context, route: route)
    }

    func route(at path: String) -> Route? { routes[path] }
}
