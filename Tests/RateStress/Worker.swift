import Glibc
import RateWindows
import Synchronization
import System

/// One process: asks for random keys as fast as it can until it is killed, and writes each admission down before it
/// asks again, so that what a kill can hide is at most one admission a thread.
struct Worker {
    let options: Options
    let table: Table
    let rule: Rule

    init(_ options: Options) throws {
        self.options = options
        table = try Table.open(path: options.folder + "/rates", capacity: options.capacity, owner: geteuid())
        guard
            let rule = Rule(
                number: 1, limit: options.limit, window: UInt64(options.windowMilliseconds) * 1_000_000)
        else { throw Options.Unusable(description: "no such rule") }
        self.rule = rule
    }

    func run() throws {
        let threads = try (0..<options.threads).map { index in
            try Threads.start("stress-\(index)") { self.ask() }
        }
        for thread in threads { thread.join() }
    }

    private func ask() {
        guard
            let log = try? FileDescriptor.open(
                options.folder + "/log.\(options.number)", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        else { return }
        var random = SystemRandomNumberGenerator()
        var admissions = 0
        while true {
            let key = UInt64.random(in: 0..<UInt64(options.keys), using: &random)
            let charge = Charge(rule: rule, key: .user(high: 1, low: key), returnable: options.givesBack)
            let now = Moment.now().boot
            guard case .admitted(_, let place) = table.decide(charge, at: now) else { continue }
            admissions += 1
            if options.givesBack, admissions % 3 == 0 {
                table.giveBack(place)
                continue
            }
            var record = (key, now)
            _ = unsafe withUnsafeBytes(of: &record) { unsafe write(log.rawValue, $0.baseAddress, $0.count) }
        }
    }
}
