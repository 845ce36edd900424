/// Every key there is: the one source of defaults, comments, `postern config -d` and the manual.
public enum SettingKeys {
    /// Those with a name of their own; the sysadmin may name further limits.
    public static let all: [SettingKey] =
        site + service + database + keys + tokens + passwords + login + limits + gate + rest

    /// All keys of these settings, the limits that the sysadmin named among them.
    public static func of(_ settings: Settings) -> [SettingKey] {
        let end = (all.lastIndex { $0.section == limitSection } ?? all.count - 1) + 1
        return all[..<end] + settings.limits.named.keys.sorted().map { SettingKey(limit: $0) } + all[end...]
    }

    /// The key of this name; every name in `[limits]` is one.
    public static func named(_ name: String) -> SettingKey? {
        if let key = all.first(where: { $0.name == name }) { return key }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == limitSection else { return nil }
        return SettingKey(limit: String(parts[1]))
    }

    private static let limitSection = "limits"

    private static let site = [
        SettingKey(
            "site.issuer", \.site.issuer, .issuer, required: true,
            "REQUIRED. https://login.example.com; stands in every token"),
        SettingKey("site.audience", \.site.audience, .text, "who the tokens are for; empty: the issuer"),
        SettingKey("site.cors_origins", \.site.corsOrigins, .origins, "web pages elsewhere that may call the API"),
    ]

    private static let service = [
        SettingKey("service.user", \.service.user, .text, "system user of workers and command; root drops to it"),
        SettingKey(
            "service.peer_secret_file", \.service.peerSecretFile, .path,
            "shared with nginx, so that PHP on the same socket is refused; empty: not asked for"),
        SettingKey(
            "service.socket", \.service.socket, .path,
            "bound by the worker itself where systemd hands none over; empty: none"),
        SettingKey("service.socket_mode", \.service.socketMode, .fileMode, "mode of a socket that the worker binds"),
        SettingKey("service.socket_group", \.service.socketGroup, .text, "its group: nginx's"),
        SettingKey(
            "service.fast_threads", \.service.fastThreads, .number(0...256), "0: two for each core, 4 to 32"),
        SettingKey(
            "service.hash_threads", \.service.hashThreads, .number(0...64),
            "passwords at once; 0: one a core, 8 at most"),
        SettingKey("service.hash_queue", \.service.hashQueue, .number(1...1000), "logins that may wait; beyond it 503"),
        SettingKey("service.hash_deadline", \.service.hashDeadline, .duration(1...10), "longest wait of a login"),
        SettingKey("service.body_limit", \.service.bodyLimit, .number(1024...32_768), "bytes of a JSON or form body"),
        SettingKey("service.rates_file", \.service.ratesFile, .path, "the rate table, on tmpfs"),
        SettingKey(
            "service.rates_capacity", \.service.ratesCapacity, .number(1024...4_194_304),
            "entries of the rate table, 308 bytes each; 65536 are 20 MiB"),
    ]

    private static let database = [
        SettingKey("database.socket", \.database.socket, .path, "local MariaDB: no password, by system user"),
        SettingKey("database.name", \.database.name, .text, "the database"),
        SettingKey(
            "database.server", \.database.server, .text, "host or host:port in place of socket; TLS is verified"),
        SettingKey("database.user", \.database.user, .text, "database user; empty: the system user"),
        SettingKey("database.password_file", \.database.passwordFile, .path, "for a server; 0640 root:_postern"),
        SettingKey("database.tls_ca", \.database.tlsCA, .path, "certificates that a server's is verified with"),
        SettingKey(
            "database.connections", \.database.connections, .number(1...64),
            "for each worker; more where its threads are more"),
    ]

    private static let keys = [
        SettingKey(
            "keys.file", \.keys.file, .path, "JWK Set or raw secret, 0640 root:_postern; changes are taken at once"),
        SettingKey(
            "keys.keep_previous", \.keys.keepPrevious, .flag,
            "a swapped raw secret verifies on for the longest token life"),
    ]

    private static let tokens = [
        SettingKey("tokens.access_life", \.tokens.accessLife, .duration(60...86_400), "of an access token"),
        SettingKey("tokens.leeway", \.tokens.leeway, .duration(0...60), "clock difference that is forgiven"),
        SettingKey(
            "tokens.user_cache", \.tokens.userCache, .duration(0...300),
            "how old a look-up may be; on this host a disabled user is out at once"),
        SettingKey("tokens.realm_name", \.tokens.realmName, .text, "realm in WWW-Authenticate"),
        SettingKey(
            "tokens.migration.until", \.tokens.migrationUntil, .day,
            "take the old Python service's tokens through this day; off when absent"),
    ]

    private static let passwords = [
        SettingKey(
            "passwords.min_length", \.passwords.minLength, .number(8...64),
            "characters; checked when a password is set, not at login"),
        SettingKey(
            "passwords.refuse_common", \.passwords.refuseCommon, .flag, "refuse the passwords that guessers try first"),
        SettingKey(
            "passwords.bcrypt_cost", \.passwords.bcryptCost, .number(10...14),
            "weaker stored hashes are renewed at the next login"),
    ]

    private static let login = [
        SettingKey(
            "login.per_user_and_network", \.login.perUserAndNetwork, .budget(per: .user),
            "failed logins of a user from a network where they have logged in before"),
        SettingKey(
            "login.per_user_elsewhere", \.login.perUserElsewhere, .budget(per: .user),
            "of a user from all other networks together"),
        SettingKey(
            "login.per_network", \.login.perNetwork, .budget(per: .address),
            "from one address, for all users; IPv6: a /64, and eight times as many from its /48"),
        SettingKey(
            "login.pauses", \.login.pauses, .pauses(atMost: 8, longest: 300),
            "after each wrong password of a user from a network; []: none"),
        SettingKey(
            "login.ban", \.login.ban, .duration(0...2_592_000),
            "how long a network waits whose failures are spent; \"0s\": until one is free again"),
        SettingKey(
            "login.exempt", \.login.exempt, .networks, "networks that are not counted; never the address of a proxy"),
        SettingKey(
            "login.when_away", \.login.whenAway, .whenAway,
            "logins while the rate table cannot be used: closed is 503, open is guessing without a bound"),
        SettingKey(
            "login.keep_events", \.login.keepEvents, .duration(3600...315_360_000),
            "how long logins stand in the table login_events"),
        SettingKey(
            "login.keep_event_rows", \.login.keepEventRows, .number(1000...10_000_000), "and how many of them"),
    ]

    private static let limits = [
        SettingKey(
            "limits.login", \.limits.login, .limit(.login), "/login and /token; a success gives its place back"),
        SettingKey("limits.api", \.limits.api, .limit(.api), "Postern's own API, signed in"),
        SettingKey("limits.search", \.limits.search, .limit(.search), "GET /public/search"),
    ]

    private static let gate = [
        SettingKey(
            "gate.basic", \.gate.basic, .flag, "protected locations also take e-mail and password (HTTP Basic)"),
        SettingKey(
            "gate.basic_cache", \.gate.basicCache, .duration(0...60),
            "how long a verified password is not checked again; a changed one is"),
    ]

    private static let rest = [
        SettingKey(
            "log.level", \.log.level, .choice(["error", "warning", "notice", "info", "debug"]),
            "notice: events. info adds a line for each request; journald drops above 330 a second"),
        SettingKey("log.user", \.log.user, .choice(["id", "email", "none"]), "how events name a user"),
        SettingKey(
            "monitor.allow", \.monitor.allow, .networks, "may read /healthz and /readyz; others get 404"),
        SettingKey("photos.enabled", \.photos.enabled, .flag, "/photos/me and /public/search"),
    ]
}
