import HTTP

// The stages: Routed, Identified, Admitted, Authenticated. Each holds the one before it and can be made in the file of
// its stage function only, so a handler cannot run on a request that was not admitted and authenticated.

/// A request with its route.
struct Routed: Sendable {
    let context: RequestContext
    let route: Route

    fileprivate init(context: RequestContext, route: Route) {
        self.context = context
        self.route = route
    }
}

/// Finds the route of a request by its exact path. nginx has normalised the path already, so nothing is decoded here.
struct Router: Sendable {
    private let routes: [String: Route]

    init(_ routes: [Route]) {
        self.routes = Dictionary(uniqueKeysWithValues: routes.map { ($0.path, $0) })
    }

    func route(_ context: RequestContext, monitors: [Network]) throws(Problem) -> Routed {
        let request = context.request
        switch request.role {
        case .api: break
        case nil: throw Problem(.notFound, "not_found", "There is nothing here.", reason: "no_role")
        // Until the gate exists its roles stay closed.
        case .check, .denied: throw Problem(.forbidden, "forbidden", "This is closed.", reason: "unknown_role")
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
