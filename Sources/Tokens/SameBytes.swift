/// Swift's `==` takes texts for equal that Unicode calls equivalent (K and the Kelvin sign); names, issuers and key
/// identifiers are compared as bytes (RFC 7519 section 7.3).
func hasSameBytes(_ left: String, _ right: String) -> Bool {
    let left = left.utf8
    let right = right.utf8
    guard left.count == right.count else { return false }
    let first = left.span
    let second = right.span
    for index in first.indices where first[index] != second[index] { return false }
    return true
}
