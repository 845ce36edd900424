/// Where password hashes are computed.
public enum HashPlace: Sendable {
    /// In the calling thread.
    case here
    /// In processes that give way to everybody else; the calling thread waits.
    case processes(HashProcesses)

    /// crypt_r(3) of a phrase, as `Crypt.hash`. `nil`: refused or failed.
    func hash(_ phrase: SecretBytes, setting: [UInt8]) -> [UInt8]? {
        switch self {
        case .here: Crypt.hash(phrase, setting: setting)
        case .processes(let processes): processes.hash(phrase, setting: setting)
        }
    }
}
