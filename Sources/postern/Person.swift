import System

/// Who runs the command, for the lists that say who did what.
enum Person {
    /// The login name, also behind sudo; it is only told, and gives no right. To be asked before rights are given up.
    static func name() -> String {
        let name = SystemUser.current().name
        guard let caller = Environment.value("SUDO_USER"), (1...32).contains(caller.utf8.count),
            caller.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return name }
        return caller
    }
}
