import CMariaDB

extension Connection {
    /// Every option that differs from the connector's own choice, which is to wait for ever, to send local files
    /// to a server that asks for them, and not to check certificates.
    func setOptions(_ settings: ConnectionSettings) throws(DatabaseError) {
        guard settings.endpoint.isWellFormed else {
            throw DatabaseError(.other, message: "unusable server \"\(settings.endpoint)\"")
        }
        for text in [settings.user, settings.database ?? ""] where text.utf8.contains(0) {
            throw DatabaseError(.other, message: "a name with a NUL byte")
        }
        set(MYSQL_OPT_CONNECT_TIMEOUT, settings.timeouts.connect)
        set(MYSQL_OPT_READ_TIMEOUT, settings.timeouts.read)
        set(MYSQL_OPT_WRITE_TIMEOUT, settings.timeouts.write)
        set(MYSQL_OPT_LOCAL_INFILE, 0)
        set(MYSQL_OPT_RECONNECT, flag: false)
        set(MYSQL_REPORT_DATA_TRUNCATION, flag: true)
        set(MYSQL_SET_CHARSET_NAME, "utf8mb4")
        // What a server may ask us to answer with: never the password in clear. unix_socket needs no answer.
        set(MARIADB_OPT_RESTRICTED_AUTH, "mysql_native_password,client_ed25519")
        set(MYSQL_INIT_COMMAND, Self.sessionSettings(settings.timeouts))
        setTransport(settings.endpoint)
    }

    private func setTransport(_ endpoint: Endpoint) {
        switch endpoint {
        case .socket: set(MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_SOCKET.rawValue)
        case .host(_, _, let authority):
            // "localhost" would otherwise mean the default socket.
            set(MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_TCP.rawValue)
            set(MYSQL_OPT_SSL_ENFORCE, flag: true)
            set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag: true)
            set(MYSQL_OPT_SSL_CA, authority)
            set(MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3")
        }
    }

    /// Strict mode whatever the server's default: a value that does not fit is an error, never cut. Times are UTC.
    /// The server stops a query 200 ms before our read time-out.
    private static func sessionSettings(_ timeouts: Timeouts) -> String {
        let limit = timeouts.read * 1000 - 200
        return """
            SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', \
            time_zone = '+00:00', max_statement_time = \(limit / 1000).\(limit / 100 % 10)
            """
    }
}
