import HTTP
import System
import Testing

@testable import Accounts
@testable import Cryptography
@testable import Service

extension Request {
    static func basic(
        _ email: String = Guesses.email, _ password: String = TestUsers.password, _ tail: String = "",
        from address: String = TestWorker.address
    ) -> Request {
        var request = Request.check(tail, address: address)
        request.headers.append(name: "authorization", value: BasicCredential.field(email, password))
        return request
    }
}

extension Guesses {
    /// A worker whose locations take passwords.
    static func atLocation(_ adjust: (inout Settings) -> Void = { _ in }) throws -> Guesses {
        try Guesses {
            $0.gate.basic = true
            adjust(&$0)
        }
    }

    func basic(
        _ password: String = TestUsers.password, for email: String = Guesses.email,
        from address: String = TestWorker.address, at seconds: Double = 0
    ) async -> Response {
        await worker.send(.basic(email, password, from: address), at: moment(seconds))
    }

    /// Without waiting for the answer.
    func beginBasic(_ password: String, at seconds: Double = 0) -> PendingResponse {
        let pending = PendingResponse()
        switch worker.pipeline.handle(.basic(Guesses.email, password), at: moment(seconds)) {
        case .response(let response): pending.give(response)
        case .deferred(let start): start(Completion { pending.give($0) })
        }
        return pending
    }

    func changePassword(to password: String) throws {
        let hash = try PasswordHash.bcrypt(SecretBytes(Array(password.utf8)), cost: 4)
        try users.database.users.setPassword(of: anna, hash: hash)
    }

    func noteChange() { #expect(worker.resources.table.noteUserChange()) }

    var reasons: [String] { worker.lines.values(of: "reason", in: "request.refused") }
}
