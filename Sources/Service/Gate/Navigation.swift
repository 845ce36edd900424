import HTTP

/// Whether somebody looks at the answer: a browser that opens a page, in place of a program or a script on a page.
enum Navigation {
    /// Browsers say so (Fetch Metadata, section 2.3); of one that is older, and of those over plain HTTP, the wish for
    /// text/html tells. `*/*` alone is a program's.
    static func isOne(_ headers: RequestHeaders) -> Bool {
        if let mode = headers["sec-fetch-mode"] { return mode == "navigate" }
        for field in headers.fields where field.name == "accept" {
            if field.value.utf8.split(separator: UInt8(ascii: ",")).contains(where: isHTML) { return true }
        }
        return false
    }

    /// A media range with its parameters (RFC 9110 section 12.5.1); with the weight 0 it is not wanted.
    private static func isHTML(_ range: some Collection<UInt8>) -> Bool {
        let range = String(decoding: range, as: UTF8.self)
        guard MediaType(range).essence == "text/html" else { return false }
        return !range.split(separator: ";").dropFirst().contains { parameter in
            let text = parameter.filter { $0 != " " && $0 != "\t" }.lowercased()
            return text.hasPrefix("q=0") && text.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
        }
    }
}
