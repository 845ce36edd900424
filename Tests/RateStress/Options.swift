/// The command line: `--name value`, and `--name` alone for a switch.
struct Options: Sendable {
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var processes = 2
    private(set) var threads = 1
    private(set) var keys = 1
    private(set) var seconds = 2.0
    private(set) var limit: UInt32 = 20
    private(set) var windowMilliseconds = 1000
    private(set) var capacity = 4096
    /// 0: nobody is killed.
    private(set) var killEveryMilliseconds = 0.0
    /// Also give every third admission back.
    private(set) var givesBack = false
    /// A folder on a tmpfs; the table and the logs stand there.
    private(set) var folder = ""
    private(set) var isWorker = false
    private(set) var isMeasurement = false
    private(set) var number = 0

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--worker": isWorker = true
            case "--measure": isMeasurement = true
            case "--give-back": givesBack = true
            case "--processes": processes = try value(&rest, name)
            case "--threads": threads = try value(&rest, name)
            case "--keys": keys = try value(&rest, name)
            case "--seconds": seconds = try value(&rest, name)
            case "--limit": limit = try value(&rest, name)
            case "--window-ms": windowMilliseconds = try value(&rest, name)
            case "--capacity": capacity = try value(&rest, name)
            case "--kill-every-ms": killEveryMilliseconds = try value(&rest, name)
            case "--number": number = try value(&rest, name)
            case "--folder": folder = try value(&rest, name)
            default: throw Unusable(description: "unknown option \(name)")
            }
        }
    }

    /// The same for a child.
    func workerArguments(number: Int, folder: String) -> [String] {
        var arguments = [
            "--worker", "--number", String(number), "--folder", folder, "--threads", String(threads),
            "--keys", String(keys), "--limit", String(limit), "--window-ms", String(windowMilliseconds),
            "--capacity", String(capacity),
        ]
        if givesBack { arguments.append("--give-back") }
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
