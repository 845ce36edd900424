// Keys of which the file holds nothing but a fingerprint, made with the table's own random key.

extension Table {
    /// An e-mail as a key, so that the file holds no address of anybody. `bytes` must be normalised. `nil` while there
    /// is no table.
    public func email(_ bytes: some Sequence<UInt8>) -> Key? {
        fingerprint(.email) { $0.absorb(bytes) }
    }

    /// The value of a named parameter as a key, likewise.
    public func parameter(_ bytes: some Sequence<UInt8>) -> Key? {
        fingerprint(.parameter) { $0.absorb(bytes) }
    }

    /// Two keys as one: a user from a network. The order matters. `nil` while there is no table.
    public func pair(_ first: Key, _ second: Key) -> Key? {
        fingerprint(.pair) { hash in
            for key in [first, second] {
                hash.absorb(UInt64(key.kind.rawValue))
                hash.absorb(key.high)
                hash.absorb(key.low)
            }
        }
    }

    /// A wrong password at an e-mail. Of the password 20 bits are kept: enough that another wrong one is hardly ever
    /// taken for it (1 in 1,048,576), too little to find it by, for who comes by the file. With another stored hash
    /// (the password was changed) it is another key.
    ///
    /// - Parameters:
    ///   - email: normalised.
    ///   - password: as it was sent; not copied.
    ///   - storedHash: the hash it was compared with.
    /// - Returns: `nil` while there is no table.
    public func guess(
        email: some Sequence<UInt8>, password: some Sequence<UInt8>, storedHash: some Sequence<UInt8>
    ) -> Key? {
        serve(at: 0) { view in
            var fingerprint = Fingerprint(view.hashKey)
            fingerprint.absorbCounted(email)
            fingerprint.absorbCounted(storedHash)
            let account = fingerprint.key(.guess)
            fingerprint.absorbCounted(password)
            let kept: UInt64 = (1 << 20) - 1
            let low = account.low & ~kept | fingerprint.key(.guess).low & kept
            return Key(kind: .guess, high: account.high, low: low)
        }
    }

    private func fingerprint(_ kind: Key.Kind, _ absorb: (inout Fingerprint) -> Void) -> Key? {
        serve(at: 0) { view in
            var fingerprint = Fingerprint(view.hashKey)
            absorb(&fingerprint)
            return fingerprint.key(kind)
        }
    }
}

/// 128 bits of SipHash-2-4: two halves with a key each, derived from the table's. What is absorbed is read once, so any
/// sequence will do.
private struct Fingerprint {
    private var high: SipHash.Stream
    private var low: SipHash.Stream

    init(_ key: (UInt64, UInt64)) {
        high = SipHash.Stream((key.0 ^ 0x68, key.1))
        low = SipHash.Stream((key.0 ^ 0x6c, key.1))
    }

    @discardableResult
    mutating func absorb(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var count: UInt64 = 0
        for byte in bytes {
            high.absorb(byte)
            low.absorb(byte)
            count += 1
        }
        return count
    }

    /// The bytes and behind them their count, so that several pieces can be told apart.
    mutating func absorbCounted(_ bytes: some Sequence<UInt8>) {
        absorb(absorb(bytes))
    }

    /// Eight bytes, the lowest first.
    mutating func absorb(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            let byte = UInt8(truncatingIfNeeded: number >> shift)
            high.absorb(byte)
            low.absorb(byte)
        }
    }

    func key(_ kind: Key.Kind) -> Key {
        var (high, low) = (high, low)
        return Key(kind: kind, high: high.finish(), low: low.finish())
    }
}
