/// Swift's `==` takes texts for equal that Unicode calls equivalent (K and the Kelvin sign); names, issuers, addresses
/// and key identifiers are compared as bytes (RFC 7519 section 7.3).
///
/// Inlinable: every request with a token compares a dozen names.
@inlinable
public func hasSameBytes(_ left: String, _ right: String) -> Bool {
    let left = left.utf8
    let right = right.utf8
    guard left.count == right.count else { return false }
    let first = left.span
    let second = right.span
    // Every byte, without leaving early: the compiler then takes many at a time.
    var difference: UInt8 = 0
    for index in first.indices { difference |= first[index] ^ second[index] }
    return difference == 0
}
