import RateWindows
import Service
import System

/// The rate table that the workers share: looked at, and told of changes. The command never makes or replaces it.
enum WorkersTable {
    /// `nil`: there is none, so no worker has run since the host was started.
    static func open(_ settings: Settings) throws(RateError) -> Table? {
        let owner = SystemUser.named(settings.service.user) ?? SystemUser.current()
        return try Table.openExisting(path: settings.service.ratesFile, owner: owner.uid)
    }

    /// To be called after a user's row is committed: the change then holds on the next request to any worker.
    ///
    /// - Returns: why the workers could not be told; `nil` when they were, or when there is nobody to tell.
    static func noteUserChange(_ settings: Settings) -> String? {
        do throws(RateError) {
            guard let table = try open(settings), !table.noteUserChange() else { return nil }
            return table.failure.map { "\($0)" } ?? "\(settings.service.ratesFile): was lost just now"
        } catch {
            return "\(error)"
        }
    }
}
