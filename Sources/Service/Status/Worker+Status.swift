import System

extension Worker {
    /// What this worker knows of itself, for its status file.
    public func fill(_ status: inout WorkerStatus) {
        let hashes = resources.hashes
        status.settingsWall = Int(settingsSince)
        status.isDatabaseAway = resources.database.isAway
        status.isTableLost = resources.table.generation == nil
        status.keys = resources.keys.ring.entries.count
        status.answers = resources.requestCounts.totals
        status.checks = resources.requestCounts.checks
        status.logins = resources.loginCounts.totals
        status.hashMicroseconds = Int(hashes.meanDuration / 1000)
        status.hashWaiting = hashes.load.waiting
        status.hashRoom = settings.service.hashQueue
    }

    /// Why no status can be left; the service goes on without.
    public func statusFailed(_ error: SystemError) {
        log(warning: Event("status.unwritten").with("reason", "\(error)"))
    }
}
