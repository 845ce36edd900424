import HTTP
import System

/// A request's way through the stages: route, identify, admit, authenticate, handle. One direction, no way around.
public final class Pipeline: Sendable {
    let peer: PeerCheck
    let router: Router
    let monitors: [Network]
    let identification: Identification
    let admission: Admission
    let authentication: Authentication
    let crossOrigin: CrossOrigin
    let finish: Finish

    init(
        peer: PeerCheck, router: Router, monitors: [Network], identification: Identification, admission: Admission,
        authentication: Authentication, crossOrigin: CrossOrigin, finish: Finish
    ) {
        self.peer = peer
        self.router = router
        self.monitors = monitors
        self.identification = identification
        self.admission = admission
        self.authentication = authentication
        self.crossOrigin = crossOrigin
        self.finish = finish
    }

    /// - Parameter moment: the one clock reading of this request.
    public func handle(_ request: consuming Request, at moment: Moment) -> Outcome {
        let context = RequestContext(consume request, at: moment)
        do throws(Problem) {
            try peer.check(context.request)
            if let preflight = crossOrigin.preflight(context, router) {
                return .response(finish.response(preflight, context))
            }
            let routed = try router.route(context, monitors: monitors)
            switch try identification.identify(routed) {
            case .done(let identified): return proceed(identified)
            case .look(let name, let claims):
                return .deferred { [self] completion in
                    identification.join(name) { [self] result in
                        resume(routed, completion) { () throws(Problem) in
                            try identification.identified(routed, claims, result)
                        }
                    }
                }
            case .wait(let start):
                return .deferred { [self] completion in
                    start { [self] result in
                        resume(routed, completion) { () throws(Problem) in
                            try identification.identified(routed, result)
                        }
                    }
                }
            }
        } catch {
            return .response(refuse(error, context))
        }
    }

    /// Words a refusal as the role of its request can pass it on.
    private func refuse(_ problem: Problem, _ context: RequestContext, _ spending: Spending = .nothing) -> Response {
        guard context.request.role == .check else { return finish.problem(problem, context, spending) }
        guard context.request.isAuthorizer else {
            let refusal = CheckRefusal.of(problem, spending)
            return finish.problem(refusal, context, worded: CheckRefusal.response(refusal))
        }
        // An Authorizer's refusal goes to the client as it is, with any status.
        let answer = DeniedWording(authentication: authentication).response(RefusalDetail(problem, spending), context)
        return finish.problem(problem, context, worded: answer)
    }

    private func resume(
        _ routed: Routed, _ completion: Completion, _ identify: () throws(Problem) -> Identified
    ) {
        do throws(Problem) {
            let identified = try identify()
            switch proceed(identified) {
            case .response(let response): completion(response)
            case .deferred(let start): start(completion)
            }
        } catch {
            completion(refuse(error, routed.context))
        }
    }

    private func proceed(_ identified: Identified) -> Outcome {
        let context = identified.routed.context
        var spending = Spending.nothing
        do throws(Problem) {
            let admitted = try admission.admit(identified)
            spending = admitted.spending
            let authenticated = try authentication.authenticate(admitted)
            // A body above the gate's limit was never read; 401, 404 and 429 go before it, and are worded whatever it is.
            guard context.request.isBodyWhole || context.request.role == .denied else { throw Problems.tooLarge() }
            switch try identified.routed.route.handler(authenticated) {
            case .now(let response): return .response(finish.response(response, context, spending))
            case .later(let start): return later(start, authenticated)
            }
        } catch {
            return .response(refuse(error, context, spending))
        }
    }

    private func later(_ start: @escaping @Sendable (@escaping Reply) -> Void, _ request: Authenticated) -> Outcome {
        let context = request.context
        let spending = request.admitted.spending
        return .deferred { [self] completion in
            start { [self] result in
                switch result {
                case .success(let response):
                    let standing = spending.places.isEmpty ? spending : spending.returned
                    completion(finish.response(response, context, standing))
                case .failure(let problem): completion(refuse(problem, context, spending))
                }
            }
        }
    }
}
