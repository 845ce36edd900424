import ArgumentParser
import Service

/// Where the settings are; every command takes it.
struct SettingsOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "Settings file.", completion: .file(extensions: ["toml"]))
    var path = SettingsFile.standardPath
}

struct OutputOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, for programs.")
    var isJSON = false
}

/// Where the migrations lie.
struct MigrationsOption: ParsableArguments {
    @Option(
        name: .customLong("directory"),
        help: ArgumentHelp("Folder of the migrations (default: \(Migrations.standardDirectory)).", valueName: "folder"),
        completion: .directory)
    var directory: String?
}

/// Where a new password comes from; never from an argument.
struct PasswordOption: ParsableArguments {
    @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input, one line.")
    var isFromStandardInput = false

    @Flag(name: .customLong("generate"), help: "Make a password and print it once.")
    var isGenerated = false

    mutating func validate() throws {
        if isFromStandardInput && isGenerated {
            throw ValidationError("--password-stdin and --generate exclude each other")
        }
    }
}
