import Accounts
import RateWindows
import Service
import System

/// A ban as people and programs read it.
struct BanText {
    static let heading = ["WHO", "USER", "BY", "LEFT", "SINCE", "NOTE"]

    let subject: String
    let email: String?
    let userID: UserID?
    /// The login name of who made it; `nil`: too many failed logins.
    let madeBy: String?
    let note: String
    /// s since 1970; `nil`: without an end.
    let since: Int64
    let until: Int64?
    let now: Moment

    init(byHand ban: Ban, user: User?, now: Moment) {
        switch ban.subject {
        case .network(let text):
            subject = text
            userID = nil
        case .user(let id):
            subject = user?.email.text ?? id.description
            userID = id
        }
        email = user?.email.text
        madeBy = ban.madeBy
        note = ban.note
        since = ban.createdAt
        until = ban.until
        self.now = now
    }

    /// - Parameter entry: a mark of the rate table.
    init?(mark entry: EntryReport, now: Moment) {
        guard let key = entry.key else { return nil }
        subject = key.text
        email = nil
        userID = nil
        madeBy = nil
        note = "too many failed logins"
        since = now.wall - Int64((now.boot - min(entry.newest, now.boot)) / 1_000_000_000)
        let left = entry.endsAt > now.boot ? entry.endsAt - now.boot : 0
        until = now.wall + Int64((left + 999_999_999) / 1_000_000_000)
        self.now = now
    }

    var row: [String] {
        [subject, userID.map { "\($0)" } ?? "", madeBy ?? "Postern", left, Timestamp.text(since), note]
    }

    private var left: String {
        guard let until else { return "for ever" }
        return until > now.wall ? TimeSpan.left(UInt64(until - now.wall) * 1_000_000_000) : "over"
    }

    var json: JSON {
        .object([
            ("kind", .text(userID == nil ? "network" : "user")), ("network", JSON(userID == nil ? subject : nil)),
            ("user", JSON(userID?.description)), ("email", JSON(email)), ("automatic", .flag(madeBy == nil)),
            ("made_by", JSON(madeBy)), ("note", .text(note)), ("since", .text(Timestamp.text(since))),
            ("until", JSON(until.map(Timestamp.text))),
        ])
    }
}
