import Glibc
import System

/// One file mapped into this process.
///
/// The address range stays valid for the life of the process, whatever happens to the file: a truncated file's
/// (`BusErrors`) and a retired one's pages are replaced by anonymous memory in place, so a thread in the middle of a
/// decision reads zeros at worst, sees the flag at its end and starts again on the new file.
final class Mapping: Sendable {
    let view: View
    let length: Int
    let device: UInt64
    let inode: UInt64
    private let constants: HeaderConstants
    let capacity: Int

    enum Flag {
        static let lost: UInt64 = 1
        static let retired: UInt64 = 2
    }

    /// Maps a file of checked size and header.
    init(_ file: borrowing FileDescriptor, status: FileStatus, path: String) throws(RateError) {
        let memory = unsafe mmap(nil, status.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0)
        guard let base = unsafe memory, unsafe base != UnsafeMutableRawPointer(bitPattern: -1) else {
            throw RateError(.last("mmap", path: path), path: path)
        }
        // One word a mapping, never freed: the signal handler may write it at any time.
        let flagMemory = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        let flag = unsafe Words(at: flagMemory)
        flag.store(0, 0)
        unsafe BusErrors.watch(base, length: status.size, flag: flagMemory)

        let words = unsafe Words(at: base)
        length = status.size
        device = status.device
        inode = status.inode
        constants = HeaderConstants(words.load)
        capacity = Int(clamping: words.load(Layout.Header.capacity))
        guard constants.isSealed, Layout.bytes(capacity: capacity) == status.size,
            words.load(Layout.Header.superseded) == 0
        else {
            unsafe BusErrors.forget(base)
            unsafe munmap(base, status.size)
            throw RateError(.unusable, path: path, reason: "changed while it was opened")
        }
        view = View(words: words, flag: flag, sizes: Layout.sections(capacity: capacity))
    }

    /// Whether the header is still the one that was mapped.
    var isIntact: Bool { HeaderConstants(view.words.load) == constants }

    func markLost() { view.flag.raise(0, to: Flag.lost) }

    /// Ends its use and gives the file's memory back; the address range stays, as anonymous memory.
    func retire() {
        view.flag.raise(0, to: Flag.retired)
        unsafe BusErrors.replace(view.words.address, length: length)
        unsafe BusErrors.retire(view.words.address)
    }

    /// Ends its use when no thread can be inside.
    func unmap() {
        unsafe BusErrors.forget(view.words.address)
        unsafe munmap(view.words.address, length)
    }
}

/// What a decision needs of a mapping: plain values, so that no reference count is touched on the way.
struct View: Sendable {
    let words: Words
    /// Of this process: 0 while the mapping serves.
    let flag: Words
    let lineage: UInt64
    let hashKey: (UInt64, UInt64)
    let addresses: Section
    let users: Section
    let names: Section
    let marks: Section

    init(words: Words, flag: Words, sizes: [Layout.SectionSize]) {
        self.words = words
        self.flag = flag
        lineage = words.load(Layout.Header.lineage)
        hashKey = (words.load(Layout.Header.hashKey0), words.load(Layout.Header.hashKey1))
        addresses = Section(sizes[0], in: words)
        users = Section(sizes[1], in: words)
        names = Section(sizes[2], in: words)
        marks = Section(sizes[3], in: words)
    }

    /// False when the file was lost or retired, or another file takes over from it.
    var serves: Bool { flag.load(0) == 0 && words.load(Layout.Header.superseded) == 0 }

    /// Of charges; marks are in `marks`, whatever their kind.
    @inline(__always)
    func section(for kind: Key.Kind) -> Section {
        switch kind {
        case .address, .network: addresses
        case .user: users
        case .email, .parameter, .pair, .guess: names
        }
    }

    func count(_ counter: Statistics.Counter) {
        words.add(Layout.Header.statistics + counter.rawValue, 1)
    }
}

extension Section {
    init(_ size: Layout.SectionSize, in words: Words) {
        main = Buckets(words: words.advanced(by: size.mainStart), count: UInt64(size.mainBuckets))
        overflow = Buckets(words: words.advanced(by: size.overflowStart), count: UInt64(size.overflowBuckets))
    }
}
