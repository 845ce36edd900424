import Glibc
import RateWindows
import System

// Several processes on one table, killed at random points, every admission counted.
//
//     swift run RateStress --processes 8 --keys 1 --seconds 5 --limit 20 --window-ms 1000 --kill-every-ms 5
//
// Prints one line `name=value …` (with --json an object) and exits with 1 when any window of any key held more than
// the limit.
//
//     --kills 2000           until so many were killed, however long it takes
//     --requests 100000      each process makes so many and ends; nobody is killed, and with a limit that is not
//                            reached in a window every admission is counted: admitted = requests, or N
//     --mixed --give-back    one to three rules on each request; every third admission given back
//     --guess                each process is killed with a place reserved
//
// Measurements:
//
//     --measure --keys 1000 --capacity 65536        one decision on one thread
//     --hot --processes 8                           one hot key, against one thread alone
//     --flood --capacity 16384                      four times the capacity in keys: time and honest requests refused
@main
enum RateStress {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            switch options.mode {
            case .measure: try Measurement(options: options).run()
            case .hotKey: try HotKey(options: options).run()
            case .flood: try Flood(options: options).run()
            case .worker: try Worker(options).run()
            case .stress: exit(try Director(options).run() ? 0 : 1)
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
