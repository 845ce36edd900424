import Accounts
import Cryptography
import HTTP
import RateWindows
import Synchronization
import System

/// The door of programs that know nothing but an e-mail and a password: `Authorization: Basic` at a protected location.
///
/// They send both with every request, so a password that was right is known again for a few seconds. Everything else
/// goes the whole way of a login, once for all requests that bring the same credential at the same time: a page with
/// sixty pictures and a wrong password is one guess.
final class BasicDoor: Sendable {
    /// A login that was good.
    struct Entered: Sendable, Equatable {
        let user: UserID
        let tokenVersion: UInt32
        /// When the password was sent that was checked, s since 1970.
        let since: Int64
    }

    typealias Done = @Sendable (Result<Entered, PasswordLogin.Failure>) -> Void

    /// Requests that wait for logins at most, in all and for one credential; each holds its connection.
    static let mostWaiting = 1024
    static let mostOfOne = 128
    private static let capacity = 4096

    /// Requests share a login where nobody was changed between them: who comes after a change has one of their own.
    private struct Shared: Hashable {
        let credential: Fingerprint
        let generation: TableGeneration?
    }

    private struct State {
        var waiting: [Shared: [Done]] = [:]
        var waitingCount = 0
    }

    private let login: PasswordLogin
    private let table: Table
    /// Its key is made at the start and stored nowhere: a fingerprint tells nobody anything of a password.
    private let authenticator: MAC
    private let entered: GenerationCache<Fingerprint, Entered>
    private let state = Mutex(State())

    /// - Parameter cacheLife: s; 0 checks every password.
    init(_ login: PasswordLogin, table: Table, cacheLife: Int) throws(CryptographyError) {
        self.login = login
        self.table = table
        var key = try randomBytes(32)
        authenticator = try MAC(key: SecretBytes(taking: &key))
        entered = GenerationCache(table: table, life: cacheLife, capacity: BasicDoor.capacity)
    }

    /// Logins that are remembered, good or not any more.
    var count: Int { entered.count }

    /// What this credential is known by from this network.
    func fingerprint(_ form: LoginForm, _ context: RequestContext) throws(Problem) -> Fingerprint {
        guard let origin = LoginOrigin(context.request.remoteAddress) else { throw LoginProblems.noAddress }
        let network = origin.network.text.utf8
        let email = form.email.text.utf8
        var message: [UInt8] = []
        message.reserveCapacity(4 + network.count + email.count + form.password.count)
        // Neither text is longer than two bytes tell, and with the lengths no two credentials are one message.
        for text in [network, email] {
            message.append(UInt8(truncatingIfNeeded: text.count >> 8))
            message.append(UInt8(truncatingIfNeeded: text.count))
            message.append(contentsOf: text)
        }
        form.password.withBytes { for index in $0.indices { message.append($0[index]) } }
        defer { wipe(&message) }
        guard let tag = try? authenticator.tag(of: message.span), let fingerprint = Fingerprint(tag) else {
            throw Problems.unavailable(reason: "cannot_verify")
        }
        return fingerprint
    }

    /// The login of a moment ago; nil: ask with `join`.
    ///
    /// - Parameter maxAge: s; an older login does not do, since the password for a new one is here. nil: any.
    func find(_ credential: Fingerprint, at moment: Moment, maxAge: Int?) -> Entered? {
        let oldest = maxAge.map { moment.wall - Int64($0) } ?? .min
        return entered.find(credential, at: moment) { $0.since >= oldest }
    }

    /// Logs in, or shares the login that is under way. `done` is called once, on another thread or at once.
    func join(
        _ credential: Fingerprint, _ form: LoginForm, _ context: RequestContext, maxAge: Int?, _ done: @escaping Done
    ) {
        let shared = Shared(credential: credential, generation: table.generation)
        let isFirst: Bool? = state.withLock { state in
            let count = state.waiting[shared]?.count ?? 0
            guard state.waitingCount < BasicDoor.mostWaiting, count < BasicDoor.mostOfOne else { return nil }
            state.waitingCount += 1
            state.waiting[shared, default: []].append(done)
            return count == 0
        }
        guard let isFirst else {
            login.events.busy()
            return done(.failure(.problem(LoginProblems.busy)))
        }
        guard isFirst else { return }
        // A login that ended since this request looked is remembered before those who waited for it are let go.
        if let entered = find(credential, at: context.moment, maxAge: maxAge) {
            return answer(shared, .success(entered))
        }
        start(shared, form, context)
    }

    private func start(_ shared: Shared, _ form: LoginForm, _ context: RequestContext) {
        let spending: Spending
        do throws(Problem) {
            spending = try login.admission.admitLogin(email: form.email, context)
        } catch {
            return answer(shared, .failure(.problem(error)))
        }
        login.start(form, context, spending, door: .basic) { [self] result in
            answer(shared, result.map { remember($0, shared, context.moment) })
        }
    }

    private func remember(_ user: User, _ shared: Shared, _ moment: Moment) -> Entered {
        let entered = Entered(user: user.id, tokenVersion: user.tokenVersion, since: moment.wall)
        if let generation = shared.generation {
            self.entered.keep(entered, as: shared.credential, asOf: moment.boot, generation: generation)
        }
        return entered
    }

    private func answer(_ shared: Shared, _ result: Result<Entered, PasswordLogin.Failure>) {
        let waiting = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: shared) ?? []
            state.waitingCount -= waiting.count
            return waiting
        }
        for done in waiting { done(result) }
    }
}
