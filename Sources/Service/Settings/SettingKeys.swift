/// Every key there is: the one source of defaults, comments, `postern config -d` and the manual.
public enum SettingKeys {
    public static let all: [SettingKey] = site + service + database + keys + tokens + passwords + limits + rest

    public static func named(_ name: String) -> SettingKey? { all.first { $0.name == name } }

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
            "entries of the rate table, 256 bytes each"),
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

    private static let limits = [
        SettingKey(
            "limits.login", \.limits.login, .rate(per: [.address]), "/login and /token; a success gives its place back"),
        SettingKey("limits.api", \.limits.api, .rate(per: [.user, .address]), "Postern's own API, signed in"),
        SettingKey("limits.search", \.limits.search, .rate(per: [.address]), "GET /public/search"),
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
