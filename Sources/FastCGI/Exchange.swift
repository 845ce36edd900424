/// One request that was taken and not yet answered: the connection it came on and libfcgi's state for it.
///
/// It belongs to no thread. Whoever holds it answers it through `Server.finish`, once.
struct Exchange: ~Copyable, Sendable {
    let connection: Connection
    let library: LibraryRequest
    /// False when only the head was taken: `in` is never read and the connection never used again.
    let isWhole: Bool
}
