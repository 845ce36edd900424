import Accounts
import RateWindows

/// What the requests of a limit tell about whom they come from, and so what the settings may ask of it.
struct LimitPlace: Sendable {
    /// Where the settings name none.
    let per: RateLimit.Subject
    let whenAway: WhenAway
    /// The words that `per` may have, besides "parameter:NAME".
    let subjects: [RateLimit.Subject]
    /// Why the others are none.
    let restriction: String

    static let login = LimitPlace(
        per: .address, whenAway: .closed, subjects: [.address, .email], restriction: "nobody is signed in yet")
    static let api = LimitPlace(
        per: .user, whenAway: .open, subjects: [.user, .address, .email], restriction: "")
    static let search = LimitPlace(
        per: .address, whenAway: .open, subjects: [.address], restriction: "nobody signs in for it")
    static let location = LimitPlace(
        per: .user, whenAway: .open, subjects: [.user, .address, .email], restriction: "")

    var words: [String] { subjects.map(\.description) + ["parameter:NAME"] }
}

extension SettingKind where Value == RateLimit {
    /// "20/minute", or { rate = "20/minute", per = "address", dry_run = true, when_away = "open", exempt = [] }.
    static func limit(_ place: LimitPlace) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in try LimitReader(place: place).read(value) },
            show: { limitText($0, place) { "\($0) = \($1)" } },
            json: { limitText($0, place) { "\"\($0)\":\($1)" } })
    }

    /// "50/hour": a rate whose subject is given by its key.
    static func budget(per subject: RateLimit.Subject) -> SettingKind {
        SettingKind(
            read: { value throws(SettingFault) in
                var limit = try parseRate(readText(value), per: subject)
                limit.whenAway = .closed
                return limit
            }, show: { quoted($0.text) })
    }
}

/// Members that are as they would be without being written are left out.
private func limitText(_ limit: RateLimit, _ place: LimitPlace, _ member: (String, String) -> String) -> String {
    var members = [member("rate", quoted(limit.text)), member("per", quoted(limit.per.description))]
    if limit.isDryRun { members.append(member("dry_run", "true")) }
    if limit.whenAway != place.whenAway { members.append(member("when_away", quoted(limit.whenAway.rawValue))) }
    if !limit.exempt.isEmpty { members.append(member("exempt", list(limit.exempt.texts))) }
    return "{ " + members.joined(separator: ", ") + " }"
}

private func parseRate(_ text: String, per subject: RateLimit.Subject) throws(SettingFault) -> RateLimit {
    do throws(RuleError) {
        return try RateLimit(parsing: text, per: subject)
    } catch {
        throw SettingFault("\(error)")
    }
}

/// Reads the text or the table of one limit.
private struct LimitReader {
    let place: LimitPlace

    func read(_ value: SettingValue) throws(SettingFault) -> RateLimit {
        switch value {
        case .text(let text): return try limit(text, per: place.per)
        case .table(let members): return try read(members)
        default: throw SettingFault("needs a rate, not \(value.kind). Example: \"20/minute\", \"5/10s\"")
        }
    }

    private func limit(_ rate: String, per subject: RateLimit.Subject) throws(SettingFault) -> RateLimit {
        var limit = try parseRate(rate, per: subject)
        limit.whenAway = place.whenAway
        return limit
    }

    private func read(_ members: [(key: String, value: SettingValue)]) throws(SettingFault) -> RateLimit {
        guard let rate = members.first(where: { $0.key == "rate" }) else {
            throw SettingFault("needs a rate. Example: { rate = \"20/minute\" }")
        }
        var limit = try limit(readText(rate.value), per: place.per)
        for member in members where member.key != "rate" {
            do throws(SettingFault) {
                switch member.key {
                case "per": limit.per = try subject(member.value)
                case "dry_run": limit.isDryRun = try SettingKind<Bool>.flag.read(member.value)
                case "when_away": limit.whenAway = try SettingKind<WhenAway>.whenAway.read(member.value)
                case "exempt": limit.exempt = try exemptions(member.value)
                default: throw SettingFault("is unknown (rate, per, dry_run, when_away, exempt)")
                }
            } catch {
                throw SettingFault("\(member.key): \(error.reason)")
            }
        }
        try check(limit)
        return limit
    }

    private func subject(_ value: SettingValue) throws(SettingFault) -> RateLimit.Subject {
        let word = try readText(value)
        if let subject = place.subjects.first(where: { $0.description == word }) { return subject }
        if word.hasPrefix("parameter:") { return .parameter(try LimitNames.parameter(word.dropFirst(10))) }
        let isKnown = ["user", "email"].contains(word)
        let fault = isKnown ? "\(quoted(word)) does not fit here, \(place.restriction)" : "unknown word \(quoted(word))"
        throw SettingFault("\(fault) (\(place.words.joined(separator: ", ")))")
    }

    private func exemptions(_ value: SettingValue) throws(SettingFault) -> Exemptions {
        var exempt = Exemptions()
        for text in try readTexts(value) {
            if text.contains("@"), let email = try? EmailAddress(text) {
                exempt.emails.append(email)
            } else if let user = UserID(text) {
                exempt.users.append(user)
            } else if let network = Network(text) {
                exempt.networks.append(network)
            } else {
                throw SettingFault(
                    "\(quoted(text)) is not a network, an e-mail or a user id. "
                        + "Example: [\"10.0.0.0/8\", \"anna@example.com\"]")
            }
        }
        return exempt
    }

    /// An exemption that could never apply is refused: whoever wrote it believes that it does.
    private func check(_ limit: RateLimit) throws(SettingFault) {
        let knowsUsers = place.subjects.contains(.user)
        guard knowsUsers || limit.exempt.users.isEmpty else {
            throw SettingFault("exempt: a user does not fit here, \(place.restriction). Cure: name networks")
        }
        guard knowsUsers || limit.per == .email || limit.exempt.emails.isEmpty else {
            let cure = place.subjects.contains(.email) ? "name networks, or per = \"email\"" : "name networks"
            throw SettingFault("exempt: an e-mail does not fit here, \(place.restriction). Cure: \(cure)")
        }
    }
}
