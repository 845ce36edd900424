import Accounts
import HTTP
import Tokens

/// `POST /login` (JSON or form) and `POST /token` (RFC 6749 section 4.3, for our own programs only).
struct LoginHandlers: Sendable {
    let login: PasswordLogin
    let tokens: AccessTokens
    let challenge: HeaderValue
    let bodyLimit: Int

    func routes() -> [Route] {
        [
            Route(["POST"], "/login", access: .open, limit: .login) { request throws(Problem) in
                try logIn(request)
            },
            Route(["POST"], "/token", access: .open, limit: .login) { request throws(Problem) in
                try grant(request)
            },
        ]
    }

    private func logIn(_ request: borrowing Authenticated) throws(Problem) -> Answer {
        let form = try LoginForm(request.request, limit: bodyLimit)
        let wrong = Problem(
            .unauthorized, "invalid_credentials", "The e-mail or the password is wrong.", reason: "login_refused"
        ).with(.wwwAuthenticate, challenge)
        let charged = try login.admission.admit(email: form.email, copy request)
        return start(form, charged, door: .login, wrong: wrong)
    }

    private func grant(_ request: borrowing Authenticated) throws(Problem) -> Answer {
        let body = request.request
        guard body.isBodyWhole, body.body.count <= bodyLimit else { throw Problems.tooLarge() }
        guard MediaType(body.contentType) == .form else {
            throw OAuthError.invalidRequest("Send application/x-www-form-urlencoded.")
        }
        let fields: Form
        do throws(Form.Fault) {
            fields = try Form(body.body)
        } catch {
            throw OAuthError.invalidRequest("The form is malformed or repeats a parameter.")
        }
        guard let grantType = fields["grant_type"] else { throw OAuthError.invalidRequest("grant_type is missing.") }
        guard grantType == "password" else { throw OAuthError.unsupportedGrantType }
        let form: LoginForm
        do throws(Problem) {
            form = try LoginForm(fields, email: "username")
        } catch {
            throw OAuthError.invalidRequest("username or password is missing or malformed.")
        }
        let charged = try login.admission.admit(email: form.email, copy request)
        return start(form, charged, door: .token, wrong: OAuthError.invalidGrant)
    }

    private func start(_ form: LoginForm, _ request: Authenticated, door: LoginDoor, wrong: Problem) -> Answer {
        let context = request.context
        return .later { reply in
            login.start(form, context, request.admitted.spending, door: door) { result in
                switch result {
                case .success(let user): reply(answer(user, context))
                case .failure(.refused): reply(.failure(wrong))
                case .failure(.problem(let problem)): reply(.failure(problem))
                }
            }
        }
    }

    private func answer(_ user: User, _ context: RequestContext) -> Result<Response, Problem> {
        do throws(Problem) {
            return .success(LoginHandlers.response(try tokens.issue(to: user, context)))
        } catch {
            return .failure(error)
        }
    }

    /// RFC 6749 section 5.1; `POST /login` answers in the same shape.
    private static func response(_ token: Issuer.Token) -> Response {
        var json = JSONObject()
        json.add("access_token", token.text)
        json.add("token_type", "bearer")
        json.add("expires_in", Int(token.life))
        var response = Response(.ok, json: json)
        response.add(.cacheControl, .noStore)
        response.add(.pragma, HeaderValue("no-cache"))
        return response
    }
}

/// The errors of the token endpoint, in its own shape (RFC 6749 section 5.2).
enum OAuthError {
    static func invalidRequest(_ description: StaticString) -> Problem { problem("invalid_request", description) }
    static let unsupportedGrantType = problem("unsupported_grant_type", "grant_type must be password.")
    static let invalidGrant = problem("invalid_grant", "The username or the password is wrong.")

    private static func problem(_ error: StaticString, _ description: StaticString) -> Problem {
        var json = JSONObject()
        json.add("error", "\(error)")
        json.add("error_description", "\(description)")
        var problem = Problem(.badRequest, error, "\(description)")
        problem.foreignBody = json
        return problem
    }
}
