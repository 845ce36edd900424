import Accounts
import HTTP
import RateWindows
import System
import Tokens

/// `GET /healthz` (alive) and `GET /readyz` (keys, database, table), for the networks of `[monitor] allow`.
struct HealthHandlers: Sendable {
    private static let patience = 1_500

    let database: AccountsDatabase
    let lane: Lane
    let keys: KeySource
    let table: Table

    func routes() -> [Route] {
        [
            Route(["GET"], "/healthz", access: .monitor) { _ throws(Problem) in
                var response = Response(.ok, body: Array(#"{"status":"ok"}"#.utf8))
                response.add(.contentType, .json)
                response.add(.cacheControl, .noStore)
                return .now(response)
            },
            Route(["GET"], "/readyz", access: .monitor) { request throws(Problem) in ready(request.context.moment) },
        ]
    }

    private func ready(_ moment: Moment) -> Answer {
        .later { reply in
            let job = Lane.Job(
                deadline: moment.adding(milliseconds: HealthHandlers.patience).boot,
                run: { reply(report(databaseIsThere: databaseAnswers())) },
                expired: { reply(report(databaseIsThere: false)) })
            if !lane.submit(job) { reply(report(databaseIsThere: false)) }
        }
    }

    private func databaseAnswers() -> Bool {
        do throws(AccountsError) {
            return try database.schema().isUsable
        } catch {
            return false
        }
    }

    private func report(databaseIsThere: Bool) -> Result<Response, Problem> {
        let parts: [(name: String, isWell: Bool)] = [
            ("keys", keys.ring.signer(at: .now()) != nil), ("database", databaseIsThere),
            ("table", table.generation != nil),
        ]
        if parts.allSatisfy(\.isWell) {
            var json = JSONObject()
            json.add("status", "ready")
            for part in parts { json.add(part.name, "ok") }
            var response = Response(.ok, json: json)
            response.add(.cacheControl, .noStore)
            return .success(response)
        }
        let missing = parts.filter { !$0.isWell }.map(\.name).joined(separator: ",")
        var problem = Problem(.serviceUnavailable, "not_ready", "Not ready: \(missing).", reason: missing)
        problem.members = parts.map { ($0.name, .text($0.isWell ? "ok" : "away")) }
        return .failure(problem.with(.retryAfter, HeaderValue(1)))
    }
}
