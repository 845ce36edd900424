import Accounts
import Service
import System

/// MariaDB as the command finds it: answer time, schema, users, bans by hand, the last logins.
struct StoreGlance {
    let line: StatusLine
    let users: StatusLine?
    /// "41 ok, 17 failed, 3 blocked" of the last 24 hours.
    let logins: String?
    let bans: Int?
    let events: [LoginEvent]

    private static let day = 86_400

    /// - Parameter database: kept from one look to the next, so that a look is no new connection.
    init(_ settings: Settings, _ database: AccountsDatabase, place: String) {
        do {
            // The first question may have to connect.
            let schema = try database.schema()
            let start = Moment.bootNow
            _ = try database.schema()
            let time = Moment.bootNow - start
            line = StatusLine(
                subject: "database", health: schema.isUsable ? .well : .degraded,
                head: schema.isUsable ? "ok, \(Figure.milliseconds(time))" : "unusable", detail: "\(place) · \(schema)",
                hint: schema.isUsable ? "" : "postern database migrate",
                json: [
                    ("answers", .flag(true)), ("us", .number(Int(time / 1000))), ("schema", .text("\(schema)")),
                    ("usable", .flag(schema.isUsable)),
                ])
            let active = schema.isUsable ? try? database.users.activeCount() : nil
            let tokens = schema.isUsable ? try? database.serviceTokens.activeCount() : nil
            users = active.map { StoreGlance.users($0, tokens: tokens) }
            logins = (try? database.loginEvents.counts(ofLast: StoreGlance.day)).map { counts in
                LoginOutcome.allCases.map { "\(Figure.grouped(counts[$0] ?? 0)) \($0.rawValue)" }.joined(
                    separator: ", ")
            }
            bans = try? database.bans.active().count
            events = (try? database.loginEvents.last(limit: 5)) ?? []
        } catch {
            line = StatusLine(
                subject: "database", health: .degraded, head: "away",
                // The subject says it already.
                detail: "\(error)".replacing("database: ", with: "", maxReplacements: 1).split(separator: "\n")
                    .joined(),
                hint: "systemctl status mariadb", json: [("answers", .flag(false)), ("error", .text("\(error)"))])
            users = nil
            logins = nil
            bans = nil
            events = []
        }
    }

    /// - Parameter tokens: nil before schema 3, which brings them.
    private static func users(_ active: Int, tokens: Int?) -> StatusLine {
        let detail = tokens.flatMap { $0 == 0 ? nil : "\(Figure.grouped($0)) service token\($0 == 1 ? "" : "s")" }
        return StatusLine(
            subject: "users", head: "\(Figure.grouped(active)) active", detail: detail ?? "",
            json: [("active", .number(active)), ("service_tokens", tokens.map { .number($0) } ?? .null)])
    }
}
