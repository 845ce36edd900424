/// Why a token is refused. The raw value is the stable reason for the journal and `postern token check`; a client
/// is told none of them.
public enum TokenRefusal: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    // The form.
    case tooLong = "too_long"
    /// Not three segments between dots, none of them empty.
    case malformed
    case badBase64url = "bad_base64url"
    case repeatedName = "repeated_name"

    // The header.
    case badHeader = "bad_header"
    case missingAlgorithm = "missing_alg"
    case noAlgorithm = "alg_none"
    /// Not the algorithm of the key.
    case wrongAlgorithm = "wrong_alg"
    case wrongType = "wrong_typ"
    case critical = "crit"
    case unencodedPayload = "unencoded_payload"
    /// `jwk`, `jku`, `x5u` or `x5c`: a key of the sender's choice.
    case embeddedKey = "embedded_key"
    case badKeyID = "bad_kid"
    case unknownKey = "unknown_kid"
    case badSignature = "bad_signature"
    /// The check itself failed, for want of memory.
    case unavailable

    // The claims.
    case badClaims = "bad_claims"
    case missingIssuer = "missing_issuer"
    case wrongIssuer = "wrong_issuer"
    case missingAudience = "missing_audience"
    case wrongAudience = "wrong_audience"
    case missingClientID = "missing_client_id"
    case badClientID = "bad_client_id"
    case missingEmail = "missing_email"
    case badEmail = "bad_email"
    /// `sub` and `email` name two e-mail addresses.
    case contradictoryEmail = "contradictory_email"
    case badSubject = "bad_sub"
    case missingExpiry = "missing_exp"
    case badExpiry = "bad_exp"
    case expired
    case badNotBefore = "bad_nbf"
    case notYetValid = "not_yet_valid"
    case missingIssueTime = "missing_iat"
    case badIssueTime = "bad_iat"
    case issuedInFuture = "issued_in_future"
    case missingVersion = "missing_ver"
    case badVersion = "bad_ver"
    case badScope = "bad_scope"
    case badTokenID = "bad_jti"

    public var reason: String { rawValue }
    public var description: String { rawValue }
}
