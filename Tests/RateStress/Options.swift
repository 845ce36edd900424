import RateWindows

/// The command line: `--name value`, and `--name` alone for a switch.
struct Options: Sendable {
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    enum Mode: Sendable {
        case stress
        case worker
        case measure
        case hotKey
        case flood
    }

    private(set) var mode = Mode.stress
    private(set) var isJSON = false
    private(set) var processes = 2
    private(set) var threads = 1
    private(set) var keys = 1
    private(set) var firstKey = 0
    private(set) var seconds = 2.0
    private(set) var limit: UInt32 = 20
    private(set) var windowMilliseconds = 1000
    private(set) var capacity = 4096
    /// 0: nobody is killed.
    private(set) var killEveryMilliseconds = 0.0
    /// So many are killed, however long it takes.
    private(set) var kills = 0
    /// Each process makes so many requests and ends; 0: until it is killed.
    private(set) var requests = 0
    /// Also give every third admission back.
    private(set) var givesBack = false
    /// One to three rules on each request.
    private(set) var isMixed = false
    /// A login: reserves a place and is killed before it is given back.
    private(set) var isGuess = false
    private(set) var folder = ""
    private(set) var number = 0
    private(set) var gateReady: Int32 = -1
    private(set) var gateGo: Int32 = -1

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--worker": mode = .worker
            case "--measure": mode = .measure
            case "--hot": mode = .hotKey
            case "--flood": mode = .flood
            case "--json": isJSON = true
            case "--give-back": givesBack = true
            case "--mixed": isMixed = true
            case "--guess": isGuess = true
            case "--processes": processes = try value(&rest, name)
            case "--threads": threads = try value(&rest, name)
            case "--keys": keys = try value(&rest, name)
            case "--first-key": firstKey = try value(&rest, name)
            case "--seconds": seconds = try value(&rest, name)
            case "--limit": limit = try value(&rest, name)
            case "--window-ms": windowMilliseconds = try value(&rest, name)
            case "--capacity": capacity = try value(&rest, name)
            case "--kill-every-ms": killEveryMilliseconds = try value(&rest, name)
            case "--kills": kills = try value(&rest, name)
            case "--requests": requests = try value(&rest, name)
            case "--number": number = try value(&rest, name)
            case "--folder": folder = try value(&rest, name)
            case "--gate-ready": gateReady = try value(&rest, name)
            case "--gate-go": gateGo = try value(&rest, name)
            default: throw Unusable(description: "unknown option \(name)")
            }
        }
        guard processes > 0, threads > 0, keys > 0 else {
            throw Unusable(description: "--processes, --threads and --keys are at least 1")
        }
    }

    func rule() throws -> Rule {
        guard let rule = Rule(number: 1, limit: limit, window: UInt64(windowMilliseconds) * 1_000_000) else {
            throw Unusable(description: "no such rule: --limit is 1 to 1000000, --window-ms 1000 to 2592000000")
        }
        return rule
    }

    /// The rules that a request can have: the first alone, or with `--mixed` a log and a counter beside it.
    func rules() throws -> [Rule] {
        let first = try rule()
        let others = [(7, 2000), (60, 3000)].compactMap { limit, window in
            Rule(number: UInt32(limit), limit: UInt32(limit), window: UInt64(window) * 1_000_000)
        }
        return isMixed ? [first] + others : [first]
    }

    /// The same for a child.
    func workerArguments(number: Int, folder: String) -> [String] {
        var arguments = [
            "--worker", "--number", String(number), "--folder", folder, "--threads", String(threads),
            "--keys", String(keys), "--limit", String(limit), "--window-ms", String(windowMilliseconds),
            "--capacity", String(capacity), "--requests", String(requests),
        ]
        if givesBack { arguments.append("--give-back") }
        if isMixed { arguments.append("--mixed") }
        if isGuess { arguments.append("--guess") }
        return arguments
    }
}

private func value<Value: LosslessStringConvertible>(
    _ rest: inout ArraySlice<String>, _ name: String
) throws -> Value {
    guard let text = rest.popFirst(), let value = Value(text) else {
        throw Options.Unusable(description: "\(name) needs a value")
    }
    return value
}
