import Glibc
import RateWindows
import System

/// One process: asks for random keys as fast as it can, until it is killed or has made its requests.
struct Worker {
    let options: Options
    let table: Table
    let rules: [Rule]

    init(_ options: Options) throws {
        self.options = options
        table = try Table.open(path: options.folder + "/rates", capacity: options.capacity, owner: geteuid())
        rules = try options.rules()
    }

    func run() throws {
        if options.isGuess { return try guess() }
        if options.gateGo >= 0 { Gate.pass(ready: options.gateReady, go: options.gateGo) }
        guard options.requests == 0 else { return try askOften() }
        let threads = try (0..<options.threads).map { index in
            try Threads.start("stress-\(index)") { self.ask() }
        }
        for thread in threads { thread.join() }
    }

    private func log() throws(SystemError) -> FileDescriptor {
        try FileDescriptor.open(
            options.folder + "/log.\(options.number)", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    }

    /// Writes each admission down before it asks again, so that what a kill can hide is at most one admission a thread.
    private func ask() {
        guard let log = try? log() else { return }
        var random = Xorshift(seed: UInt64(getpid()) ^ Moment.now().boot)
        var admissions = 0
        while true {
            let key = UInt64.random(in: 0..<UInt64(options.keys), using: &random)
            let charges = charges(&random, key: .user(high: 1, low: key))
            let now = Moment.now().boot
            guard let places = decide(charges, at: now) else { continue }
            admissions += 1
            if options.givesBack, admissions % 3 == 0 {
                // Now and then after a later request's, as a slow hash does.
                if admissions % 2 == 0 { _ = decide(charges, at: now).map { $0.forEach(table.giveBack) } }
                places.forEach(table.giveBack)
                continue
            }
            var records = charges.flatMap { [UInt64($0.rule.number) << 32 | key, now] }
            _ = unsafe records.withUnsafeMutableBytes { unsafe write(log.rawValue, $0.baseAddress, $0.count) }
        }
    }

    private func charges(_ random: inout Xorshift, key: Key) -> [Charge] {
        guard options.isMixed else { return [Charge(rule: rules[0], key: key, returnable: options.givesBack)] }
        let count = Int.random(in: 1...rules.count, using: &random)
        return rules.shuffled(using: &random).prefix(count).map {
            Charge(rule: $0, key: key, returnable: options.givesBack)
        }
    }

    /// The places charged; `nil` when refused.
    private func decide(_ charges: [Charge], at now: UInt64) -> [Receipt.Place]? {
        if charges.count == 1 {
            guard case .admitted(_, let place) = table.decide(charges[0], at: now) else { return nil }
            return [place]
        }
        guard case .admitted(_, let receipt) = table.decide(charges, at: now) else { return nil }
        return receipt.places
    }

    /// Makes its requests and writes down how many of each key were admitted. Every process begins at a key of its own and goes
    /// round all of them.
    private func askOften() throws {
        let first = UInt64(options.firstKey)
        let keys = UInt64(options.keys)
        var next = keys / UInt64(options.processes) * UInt64(options.number)
        var tally = Tally(began: Moment.now().boot, keys: options.keys)
        var now = tally.began
        for request in 0..<options.requests {
            if request % 64 == 0 { now = Moment.now().boot }
            next = next + 1 < keys ? next + 1 : 0
            let charge = Charge(rule: rules[0], key: .user(high: 1, low: first + next))
            if case .admitted = table.decide(charge, at: now) { tally.admitted[Int(next)] += 1 }
        }
        tally.ended = Moment.now().boot
        try tally.write(to: options.folder + "/tally.\(options.number)")
    }

    /// Reserves a place for one guess, says so, and is killed before it could give it back.
    private func guess() throws {
        let log = try log()
        let now = Moment.now().boot
        let charge = Charge(rule: rules[0], key: .user(high: 1, low: 0), returnable: true)
        guard case .admitted = table.decide(charge, at: now) else { return }
        var record = (UInt64(rules[0].number) << 32, now)
        _ = unsafe withUnsafeBytes(of: &record) { unsafe write(log.rawValue, $0.baseAddress, $0.count) }
        kill(getpid(), SIGKILL)
    }
}

/// What a process that has made its requests leaves behind.
struct Tally {
    var began: UInt64
    var ended: UInt64 = 0
    /// Admissions of each key.
    var admitted: [UInt64]

    init(began: UInt64, keys: Int) {
        self.began = began
        admitted = Array(repeating: 0, count: keys)
    }

    init(reading path: String, keys: Int) throws {
        let bytes = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 30, path: path)
        guard bytes.count == (2 + keys) * 8 else { throw Options.Unusable(description: "\(path) is cut short") }
        let words = unsafe bytes.withUnsafeBytes { bytes in
            (0..<(2 + keys)).map { unsafe bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        }
        (began, ended, admitted) = (words[0], words[1], Array(words[2...]))
    }

    func write(to path: String) throws {
        let bytes = unsafe ([began, ended] + admitted).withUnsafeBytes { unsafe Array($0) }
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.writeAll(bytes, path: path)
    }
}
