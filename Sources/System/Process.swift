import Glibc

/// This process: its arguments and its end.
public enum Process {
    /// Without the program's name.
    public static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

    public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
