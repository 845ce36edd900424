/// A media type without its parameters, in lower case: "application/json" (RFC 9110 section 8.3.1).
public struct MediaType: Sendable, Equatable {
    public let essence: String

    public static let json = MediaType("application/json")
    public static let form = MediaType("application/x-www-form-urlencoded")

    public init(_ field: String) {
        var essence = ""
        for character in field {
            if character == ";" { break }
            essence.append(character)
        }
        self.essence = essence.trimmingSpace.lowercased()
    }
}

extension String {
    /// Without spaces and tabs at both ends (RFC 9110 section 5.6.3, OWS).
    var trimmingSpace: String {
        var view = self[...]
        while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
        while let last = view.last, last == " " || last == "\t" { view.removeLast() }
        return String(view)
    }
}
