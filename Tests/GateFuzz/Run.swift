import FastCGI
import Glibc
import TestKit

func run(_ arguments: [String]) -> Int32 {
    guard let options = Options(arguments) else {
        print("usage: GateFuzz [--seconds N] [--seed S] [--count N]")
        return 2
    }
    do {
        try Library.initialize()
    } catch {
        print(error)
        return 1
    }
    guard Library.layoutIsKnown else {
        print("finding: libfcgi's buffers are not as known")
        return 1
    }
    LastCase.watchForCrashes()
    return fuzz(options)
}

private func fuzz(_ options: Options) -> Int32 {
    let end = ContinuousClock.now.advanced(by: .seconds(options.seconds))
    var seed = options.seed
    var verdicts: [String: Int] = [:]
    while options.count.map({ seed - options.seed < $0 }) ?? (ContinuousClock.now < end) {
        unsafe LastCase.seed = seed
        var random = Random(seed: seed)
        let sample = Sample(&random)
        switch Comparison.compare(sample, &random) {
        case .agreed(let verdict): verdicts[verdict, default: 0] += 1
        case .finding(let text):
            print("finding: \(text)")
            print("again: GateFuzz --seed \(seed) --count 1")
            print(sample.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
            return 1
        }
        seed += 1
    }
    let summary = verdicts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    print("GateFuzz: no finding in \(seed - options.seed) cases from seed \(options.seed): \(summary)")
    return 0
}

struct Options {
    var seconds = 60
    var seed: UInt64
    /// Cases in place of seconds.
    var count: UInt64?

    init?(_ arguments: [String]) {
        var generator = SystemRandomNumberGenerator()
        seed = generator.next() >> 16
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch (name, UInt64(value)) {
            case ("--seconds", let number?): seconds = Int(number)
            case ("--seed", let number?): seed = number
            case ("--count", let number?): count = number
            default: return nil
            }
        }
    }
}

/// The case under test, for a crash inside libfcgi: an abort must name its seed too.
enum LastCase {
    // One thread writes it, and a signal handler of the same thread reads it.
    nonisolated(unsafe) static var seed: UInt64 = 0

    static func watchForCrashes() {
        for number in [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP] {
            signal(number) { number in
                // Only what signal-safety(7) allows: digits by hand, write(2).
                var text: [20 of UInt8] = .init(repeating: 0x20)
                var rest = unsafe LastCase.seed
                var index = 19
                repeat {
                    text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                    index -= 1
                } while rest > 0 && index >= 0
                let message: StaticString = "finding: crash; again: GateFuzz --count 1 --seed"
                unsafe write(STDOUT_FILENO, message.utf8Start, message.utf8CodeUnitCount)
                unsafe withUnsafeBytes(of: text) { unsafe _ = write(STDOUT_FILENO, $0.baseAddress, 20) }
                unsafe write(STDOUT_FILENO, "\n", 1)
                _exit(1)
            }
        }
    }
}
