import Accounts
import System

/// Where the accounts are stored, out of the settings.
public enum DatabaseSettings {
    private static let standardPort: UInt16 = 3306

    public static func place(_ settings: Settings) throws(StartError) -> DatabasePlace {
        let database = settings.database
        let user = database.user.isEmpty ? SystemUser.current().name : database.user
        guard !database.server.isEmpty else {
            return DatabasePlace(socket: database.socket, name: database.name, user: user)
        }
        let (host, port) = try server(database.server)
        guard !database.passwordFile.isEmpty else {
            throw .settings("database.password_file: is not set; database.server needs a password")
        }
        let password: String
        do throws(SecretFileError) {
            password = try SecretFile.read(database.passwordFile).withBytes { (bytes) -> String in
                var text: [UInt8] = []
                for index in bytes.indices { text.append(bytes[index]) }
                return String(decoding: text, as: UTF8.self)
            }
        } catch {
            throw .settings("\(error)")
        }
        guard
            let place = DatabasePlace(
                host: host, port: port, authority: database.tlsCA, name: database.name, user: user, password: password)
        else { throw .settings("\(database.passwordFile): refused: holds a NUL byte") }
        return place
    }

    /// "db1", "db1:3307" or "[2001:db8::1]:3306".
    private static func server(_ text: String) throws(StartError) -> (host: String, port: UInt16) {
        let isBracketed = text.hasPrefix("[")
        guard isBracketed || text.filter({ $0 == ":" }).count <= 1 else {
            throw .settings("database.server: \"\(text)\" needs brackets. Example: \"[2001:db8::1]:3306\"")
        }
        var host = text[...]
        var port = standardPort
        if let colon = text.lastIndex(of: ":"), isBracketed == text[..<colon].hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else {
                throw .settings("database.server: \"\(text)\" has no port behind the colon. Example: \"db1:3306\"")
            }
            host = text[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else {
            throw .settings("database.server: \"\(text)\" names no host. Example: \"db1:3306\"")
        }
        return (String(host), port)
    }
}
