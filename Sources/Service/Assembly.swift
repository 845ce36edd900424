import Accounts
import Cryptography
import HTTP
import RateWindows
import System
import Tokens

/// Puts a pipeline together from settings and resources.
enum Assembly {
    static func pipeline(
        _ settings: Settings, _ resources: Resources, _ events: EventLog
    ) throws(StartError) -> Pipeline {
        let database = resources.database
        let faults = DatabaseFaults(events: events) { database.isAway }
        let authentication = Authentication(realm: settings.tokens.realmName, takesBasic: settings.gate.basic)
        let crossOrigin = CrossOrigin(origins: settings.site.corsOrigins)
        let admission = Admission(rules: RateRules(settings.limits), table: resources.table)
        let login = passwordLogin(settings, resources, admission, faults, events)
        return Pipeline(
            peer: PeerCheck(secret: try peerSecret(settings)),
            router: Router(
                routes(settings, resources, login, authentication, faults, events),
                gate: Gate(rules: admission.rules, authentication: authentication, events: events)),
            monitors: settings.monitor.allow,
            identification: try identification(settings, resources, login, faults),
            admission: admission,
            authentication: authentication,
            crossOrigin: crossOrigin,
            finish: Finish(crossOrigin: crossOrigin, events: events, counts: resources.requestCounts))
    }

    private static func identification(
        _ settings: Settings, _ resources: Resources, _ login: PasswordLogin, _ faults: DatabaseFaults
    ) throws(StartError) -> Identification {
        let directory = UserDirectory(
            store: resources.database.users, lane: resources.lookups, table: resources.table, faults: faults,
            cacheLife: settings.tokens.userCache)
        let serviceTokens = ServiceTokenDirectory(
            store: resources.database.serviceTokens, lane: resources.lookups, table: resources.table, faults: faults,
            cacheLife: settings.tokens.userCache)
        return Identification(
            verifier: verifier(settings), keys: resources.keys, directory: directory,
            serviceTokens: ServiceTokenIdentification(
                directory: serviceTokens, uses: ServiceTokenUses(recorder: resources.recorder),
                unknown: UnknownTokens(table: resources.table)),
            passwords: try passwords(settings, resources, login, directory))
    }

    private static func passwords(
        _ settings: Settings, _ resources: Resources, _ login: PasswordLogin, _ directory: UserDirectory
    ) throws(StartError) -> PasswordIdentification? {
        guard settings.gate.basic else { return nil }
        do throws(CryptographyError) {
            let door = try BasicDoor(login, table: resources.table, cacheLife: settings.gate.basicCache)
            return PasswordIdentification(door: door, directory: directory)
        } catch {
            throw .system("\(error)")
        }
    }

    private static func routes(
        _ settings: Settings, _ resources: Resources, _ login: PasswordLogin, _ authentication: Authentication,
        _ faults: DatabaseFaults, _ events: EventLog
    ) -> [Route] {
        var routes = LoginHandlers(
            login: login,
            tokens: AccessTokens(issuer: issuer(settings), keys: resources.keys, events: events),
            challenge: authentication.challenge, bodyLimit: settings.service.bodyLimit
        ).routes()
        routes.append(MeHandler.route)
        routes += HealthHandlers(
            database: resources.database, lane: resources.lookups, keys: resources.keys, table: resources.table
        ).routes()
        if settings.photos.enabled {
            routes += PhotoHandlers(store: resources.database.photos, lane: resources.queries, faults: faults).routes()
        }
        return routes
    }

    private static func passwordLogin(
        _ settings: Settings, _ resources: Resources, _ admission: Admission, _ faults: DatabaseFaults,
        _ log: EventLog
    ) -> PasswordLogin {
        let protection = LoginGuard(
            rules: LoginRules(settings.login), table: resources.table, bans: resources.bans, events: log)
        let events = LoginEvents(
            log: log, recorder: resources.recorder, lines: resources.blockedLines, counts: resources.loginCounts,
            userForm: UserForm(rawValue: settings.log.user) ?? .id)
        return PasswordLogin(
            store: resources.database.users, protection: protection, logins: resources.logins,
            hashes: resources.hashes, hashPlace: resources.hashPlace, parking: resources.parking,
            recorder: resources.recorder, admission: admission, faults: faults, log: log, events: events,
            bcryptCost: settings.passwords.bcryptCost, deadline: settings.service.hashDeadline)
    }

    private static func issuer(_ settings: Settings) -> Issuer {
        Issuer(
            issuer: settings.site.issuer, audience: settings.audience, life: Int64(settings.tokens.accessLife))
    }

    private static func verifier(_ settings: Settings) -> Verifier {
        Verifier(
            TokenPolicy(
                issuer: settings.site.issuer, audience: settings.audience, leeway: Int64(settings.tokens.leeway),
                migrationUntil: settings.tokens.migrationUntil?.endOfDay))
    }

    static func peerSecret(_ settings: Settings) throws(StartError) -> SecretBytes? {
        let path = settings.service.peerSecretFile
        guard !path.isEmpty else { return nil }
        do throws(SecretFileError) {
            return try SecretFile.read(path, atLeast: 16)
        } catch {
            throw .settings("\(error)")
        }
    }
}
