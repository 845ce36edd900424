import Database

/// A photo or a video: a row of `photos`. Its content is no business of the database.
public struct Photo: Sendable, Equatable {
    public enum Kind: String, Sendable { case photo, video }

    /// A UUID in its text form.
    public let id: String
    public let kind: Kind
    public let title: String
    /// A media type (RFC 9110 section 8.3.1).
    public let contentType: String
    public let bytes: Int64
    public let isPublic: Bool
    /// Seconds since 1970, UTC.
    public let createdAt: Int64
}

/// The table `photos`.
///
/// The search is a LIKE over the titles of public rows and not a FULLTEXT index: it finds parts of words, short words
/// and any script alike, and needs no server setting. It reads every public title; the pool's time limit bounds it.
public final class PhotoStore: Sendable {
    /// Characters of a search text at most; a title holds no more.
    public static let maximumSearchLength = 200

    private let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// The user's photos and videos, newest first.
    public func photos(of user: UserID, limit: Int = 100) throws(AccountsError) -> [Photo] {
        let sql = """
            SELECT \(Photo.columns) FROM photos WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?
            """
        return try pool.rows(of: sql, [Value(user), Value(max(limit, 0))]) { row throws(DatabaseError) in
            try Photo(row)
        }
    }

    /// Public photos and videos with the text in their title, in any case, newest first; all for an empty text.
    public func search(_ text: String, limit: Int = 50) throws(AccountsError) -> [Photo] {
        guard text.unicodeScalars.count <= Self.maximumSearchLength else {
            throw .invalid(field: "q", reason: "more than \(Self.maximumSearchLength) characters")
        }
        let sql = """
            SELECT \(Photo.columns) FROM photos WHERE is_public = 1 AND title LIKE ? ESCAPE '!'
            ORDER BY created_at DESC, id LIMIT ?
            """
        return try pool.rows(of: sql, [Value(containing: text), Value(max(limit, 0))]) { row throws(DatabaseError) in
            try Photo(row)
        }
    }
}

extension Photo {
    fileprivate static let columns =
        "id, kind, title, content_type, bytes, is_public, UNIX_TIMESTAMP(created_at)"

    fileprivate init(_ row: Row) throws(DatabaseError) {
        guard let kind = Kind(rawValue: try row.text(1)) else { throw Row.unusable("photos.kind") }
        self.init(
            id: try row.text(0), kind: kind, title: try row.text(2), contentType: try row.text(3),
            bytes: try row.integer(4), isPublic: try row.flag(5), createdAt: try row.integer(6))
    }
}
