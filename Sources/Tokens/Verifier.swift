import Synchronization
import System

/// Checks access tokens: signature first, then type, then claims. Knows no user: the stored one is the caller's to
/// compare. For any number of threads.
///
/// A token that was checked once is remembered for a while (`VerifiedTokens`); its times are checked each time.
public final class Verifier: Sendable {
    public let policy: TokenPolicy
    private let migrations = Atomic<UInt64>(0)
    private let verified = VerifiedTokens()

    public init(_ policy: TokenPolicy) { self.policy = policy }

    /// How many tokens were accepted only because of `[tokens.migration]`.
    public var migrationUses: UInt64 { migrations.load(ordering: .relaxed) }

    public func verify(_ token: String, with ring: KeyRing, at moment: Moment) throws(TokenRefusal) -> Claims {
        if let known = verified.find(token, generation: ring.generation), ring.mayVerify(known.key, at: moment) {
            try checkTimes(of: known, now: moment.wall)
            return known.claims
        }
        let entry = try read(token, with: ring, at: moment)
        if !entry.claims.isMigration { verified.keep(entry, generation: ring.generation) }
        return entry.claims
    }

    private func read(
        _ token: String, with ring: KeyRing, at moment: Moment
    ) throws(TokenRefusal) -> VerifiedTokens.Entry {
        let signed = try SignedToken(Array(token.utf8), with: ring, at: moment)
        let isMigration = try isMigration(signed.header, at: moment.wall)
        let claims = try ClaimsReader(signed.payload)
        try checkPlace(claims, isMigration: isMigration)
        let issued = try claims.issued.optional(wrong: .badIssueTime)
        guard issued != nil || isMigration else { throw .missingIssueTime }
        let entry = VerifiedTokens.Entry(
            token: token,
            claims: Claims(
                subject: try isMigration ? migratedSubject(claims) : subject(claims),
                version: try version(claims, isMigration: isMigration),
                expires: try claims.expires.required(absent: .missingExpiry, wrong: .badExpiry),
                issued: issued,
                tokenID: try claims.tokenID.optional(wrong: .badTokenID),
                scope: try claims.scope.optional(wrong: .badScope) ?? "",
                keyID: signed.key.id,
                isMigration: isMigration),
            notBefore: try claims.notBefore.optional(wrong: .badNotBefore),
            key: signed.key)
        try checkTimes(of: entry, now: moment.wall)
        if isMigration { migrations.add(1, ordering: .relaxed) }
        return entry
    }

    /// Only tokens of type `at+jwt` (RFC 9068 section 4) are access tokens. While the migration lasts, one without a
    /// `kid` may be of type `JWT` or of none, as the Python service issued them.
    private func isMigration(_ header: TokenHeader, at wall: Int64) throws(TokenRefusal) -> Bool {
        let type = header.type
        if type == "at+jwt" { return false }
        guard let until = policy.migrationUntil, wall < until, header.keyID == nil, type == nil || type == "jwt" else {
            throw .wrongType
        }
        return true
    }

    private func checkPlace(_ claims: ClaimsReader, isMigration: Bool) throws(TokenRefusal) {
        if let issuer = try claims.issuer.optional(wrong: .wrongIssuer) {
            if let expected = policy.issuer, !hasSameBytes(issuer, expected) { throw .wrongIssuer }
        } else if !isMigration {
            throw .missingIssuer
        }
        if let audience = try claims.audience.optional(wrong: .wrongAudience) {
            if let expected = policy.audience, !audience.contains(where: { hasSameBytes($0, expected) }) {
                throw .wrongAudience
            }
        } else if !isMigration {
            throw .missingAudience
        }
    }

    /// `exp`, `nbf`, `iat` (RFC 7519 section 4.1): the token holds from `nbf` to before `exp`, give or take the leeway.
    private func checkTimes(of entry: VerifiedTokens.Entry, now: Int64) throws(TokenRefusal) {
        guard now < entry.claims.expires + policy.leeway else { throw .expired }
        if let notBefore = entry.notBefore, now < notBefore - policy.leeway { throw .notYetValid }
        if let issued = entry.claims.issued, now < issued - policy.leeway { throw .issuedInFuture }
    }

    private func subject(_ claims: ClaimsReader) throws(TokenRefusal) -> Claims.Subject {
        _ = try subjectText(claims)
        let id = try claims.clientID.required(absent: .missingClientID, wrong: .badClientID)
        guard !id.isEmpty else { throw .badClientID }
        let email = try claims.email.required(absent: .missingEmail, wrong: .badEmail)
        guard !email.isEmpty else { throw .badEmail }
        return .user(id: id, email: email)
    }

    /// The Python service's two shapes: `client_id` and `email`, or an e-mail in `sub`.
    private func migratedSubject(_ claims: ClaimsReader) throws(TokenRefusal) -> Claims.Subject {
        let subject = try subjectText(claims)
        let address = subject.flatMap { $0.utf8.contains(UInt8(ascii: "@")) ? $0 : nil }
        let claimed = try claims.email.optional(wrong: .badEmail)
        if let address, let claimed, !hasSameBytes(address, claimed) { throw .contradictoryEmail }
        guard let email = claimed ?? address, !email.isEmpty else {
            throw claims.clientID.isPresent ? .missingEmail : .missingClientID
        }
        guard let id = try claims.clientID.optional(wrong: .badClientID) else {
            // Without a `client_id`, the e-mail in `sub` stands in its place.
            guard address != nil else { throw .missingClientID }
            return .email(email)
        }
        guard !id.isEmpty else { throw .badClientID }
        return .user(id: id, email: email)
    }

    private func subjectText(_ claims: ClaimsReader) throws(TokenRefusal) -> String? {
        let subject = try claims.subject.optional(wrong: .badSubject)
        if let subject, subject.isEmpty { throw .badSubject }
        return subject
    }

    private func version(_ claims: ClaimsReader, isMigration: Bool) throws(TokenRefusal) -> Int64 {
        if let version = try claims.version.optional(wrong: .badVersion) { return version }
        guard isMigration else { throw .missingVersion }
        return 1
    }
}

extension Claim {
    fileprivate var isPresent: Bool { if case .absent = self { false } else { true } }
}
