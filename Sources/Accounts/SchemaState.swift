import Database

/// How the schema of a database stands to this release.
///
/// A release runs on its own schema and on the one before, so a package may be upgraded before the database is.
public enum SchemaState: Sendable, Equatable, CustomStringConvertible {
    /// The highest migration that this release brings along; a test compares it with the folder database/.
    public static let wanted = 3
    /// What it brings along, and what a database on the schema before goes without.
    static let brings = "service tokens"

    case current(Int)
    case oneBack(Int, wanted: Int)
    case tooOld(Int, wanted: Int)
    /// A later release migrated; this one does not know what its rows mean now.
    case tooNew(Int, wanted: Int)
    /// No migration has run here.
    case missing(wanted: Int)

    public var isUsable: Bool {
        switch self {
        case .current, .oneBack: true
        case .tooOld, .tooNew, .missing: false
        }
    }

    public var description: String {
        switch self {
        case .current(let number): "schema \(number)"
        case .oneBack(let number, let wanted):
            "schema is \(number), this release wants \(wanted) and runs on \(number) too, without "
                + "\(SchemaState.brings). Cure: postern database migrate"
        case .tooOld(let number, let wanted):
            "schema is \(number), this release wants \(wanted) or \(wanted - 1). Cure: postern database migrate"
        case .tooNew(let number, let wanted):
            "schema is \(number), this release knows \(wanted). Cure: install the release that migrated"
        case .missing(let wanted): "no schema yet, this release wants \(wanted). Cure: postern database migrate"
        }
    }

    /// From the finished migrations; one that is under way counts when it is done.
    public init(highest: Int, wanted: Int) {
        self =
            switch highest {
            case ...0: .missing(wanted: wanted)
            case wanted: .current(highest)
            case wanted - 1: .oneBack(highest, wanted: wanted)
            case ..<wanted: .tooOld(highest, wanted: wanted)
            default: .tooNew(highest, wanted: wanted)
            }
    }

    public static func of(_ pool: Pool, wanted: Int = SchemaState.wanted) throws(AccountsError) -> SchemaState {
        let sql = "SELECT MAX(number) FROM schema_migrations WHERE finished_at IS NOT NULL"
        do throws(DatabaseError) {
            let rows = try pool.rows(sql)
            return SchemaState(highest: Int(try rows.first?.optionalInteger(0) ?? 0), wanted: wanted)
        } catch {
            // The table itself comes with the first migration.
            if error.kind == .schema { return .missing(wanted: wanted) }
            throw .unavailable(error)
        }
    }
}
