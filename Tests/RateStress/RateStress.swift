import Glibc
import RateWindows
import System

// Several processes on one table, killed at random points, every admission counted.
//
//     swift run RateStress --processes 8 --keys 1 --seconds 5 --limit 20 --window-ms 1000 --kill-every-ms 5
//
// Prints one line `name=value …` and exits with 1 when any window of any key held more than the limit.
@main
enum RateStress {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            if options.isMeasurement {
                try Measurement(options).run()
            } else if options.isWorker {
                try Worker(options).run()
            } else {
                exit(try Director(options).run() ? 0 : 1)
            }
        } catch {
            StandardError.write("RateStress: \(error)\n")
            exit(2)
        }
    }
}

enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
