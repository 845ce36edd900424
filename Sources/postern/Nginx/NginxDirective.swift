/// Where a directive stands.
struct NginxPlace: Hashable, CustomStringConvertible {
    /// As nginx opened it.
    let file: String
    let line: Int
    /// Short where the file lies in the folder of nginx's main file: "sites-enabled/shop.conf:18".
    let description: String

    init(file: String, line: Int, folder: String) {
        self.file = file
        self.line = line
        let isBelow = !folder.isEmpty && file.hasPrefix(folder + "/")
        description = (isBelow ? String(file.dropFirst(folder.count + 1)) : file) + ":\(line)"
    }
}

/// One directive, with what stands in its block.
struct NginxDirective {
    let name: String
    let arguments: [String]
    /// `nil`: it ends with ";".
    let block: [NginxDirective]?
    let place: NginxPlace

    /// The first argument, or nothing.
    var value: String { arguments.first ?? "" }

    /// As it is written, up to its ";" or "{", for people. Never of POSTERN_PEER: its value is a secret.
    var text: String { ([name] + arguments).joined(separator: " ") }
}
