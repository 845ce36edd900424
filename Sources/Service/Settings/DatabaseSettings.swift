import Accounts
import System

/// Where the accounts are stored, out of the settings.
public enum DatabaseSettings {
    public static func place(_ settings: Settings) throws(StartError) -> DatabasePlace {
        let database = settings.database
        let user = database.user.isEmpty ? SystemUser.current().name : database.user
        guard !database.server.isEmpty else {
            return DatabasePlace(socket: database.socket, name: database.name, user: user)
        }
        throw .settings("database.server is not built yet")
    }
}
