import Glibc
import Synchronization

/// SIGBUS inside a mapped table: somebody truncated its file. The handler puts anonymous memory over the whole mapping,
/// marks it lost and lets the thread go on (it reads zeros, and drops its result when it sees the mark). A SIGBUS
/// anywhere else gets the default action.
///
/// The handler uses only atomics, memory allocated beforehand, and mmap(2), a plain system call.
enum BusErrors {
    private static let places = 256
    private static let wordsAPlace = 4

    /// base, length, address of the flag, and when it was retired (0: in use); base 0 is free.
    private static let registry: Words = {
        let count = places * wordsAPlace
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
        let words = unsafe Words(at: memory)
        for index in 0..<count { words.store(index, 0) }
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_sigaction = { _, info, _ in unsafe BusErrors.handle(info) }
        action.sa_flags = SA_SIGINFO | Int32(bitPattern: UInt32(SA_ONSTACK))
        unsafe sigemptyset(&action.sa_mask)
        unsafe sigaction(SIGBUS, &action, nil)
        return words
    }()

    private static let lock = Mutex<Void>(())

    /// Must be called before the mapping is touched.
    @unsafe static func watch(_ base: UnsafeMutableRawPointer, length: Int, flag: UnsafeMutableRawPointer) {
        let (base, flag) = (UInt64(UInt(bitPattern: base)), UInt64(UInt(bitPattern: flag)))
        lock.withLock { _ in
            guard let place = freePlace() else { return }
            registry.store(place * wordsAPlace, 0)
            registry.store(place * wordsAPlace + 3, 0)
            registry.store(place * wordsAPlace + 1, UInt64(length))
            registry.store(place * wordsAPlace + 2, flag)
            // Last: from here on the handler sees the place.
            registry.store(place * wordsAPlace, base)
        }
    }

    /// A free one, or that of the mapping that was retired first.
    private static func freePlace() -> Int? {
        if let free = (0..<places).first(where: { registry.load($0 * wordsAPlace) == 0 }) { return free }
        let retired = (0..<places).filter { registry.load($0 * wordsAPlace + 3) != 0 }
        return retired.min { registry.load($0 * wordsAPlace + 3) < registry.load($1 * wordsAPlace + 3) }
    }

    /// Out of use, but still known: a thread that met the hole before it was filled may come to the handler only now,
    /// and there a fault at an unknown address would end the process at the next one.
    @unsafe static func retire(_ base: UnsafeMutableRawPointer) {
        let base = UInt64(UInt(bitPattern: base))
        lock.withLock { _ in
            let latest = (0..<places).map { registry.load($0 * wordsAPlace + 3) }.max() ?? 0
            for place in 0..<places where registry.load(place * wordsAPlace) == base {
                registry.store(place * wordsAPlace + 3, latest + 1)
            }
        }
    }

    /// When no thread can be inside, before the address range is given back.
    @unsafe static func forget(_ base: UnsafeMutableRawPointer) {
        let base = UInt64(UInt(bitPattern: base))
        lock.withLock { _ in
            for place in 0..<places where registry.load(place * wordsAPlace) == base {
                registry.store(place * wordsAPlace, 0)
                registry.store(place * wordsAPlace + 3, 0)
            }
        }
    }

    /// Anonymous memory in the mapping's place, at the same address: threads inside it never meet a hole.
    @unsafe @discardableResult
    static func replace(_ base: UnsafeMutableRawPointer, length: Int) -> Bool {
        let flags = MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE
        return unsafe mmap(base, length, PROT_READ | PROT_WRITE, flags, -1, 0) == base
    }

    private static func handle(_ info: UnsafeMutablePointer<siginfo_t>?) {
        let saved = errno
        defer { errno = saved }
        if let info = unsafe info, let address = unsafe info.pointee._sifields._sigfault.si_addr {
            let fault = UInt64(UInt(bitPattern: address))
            for place in 0..<places {
                let base = registry.load(place * wordsAPlace)
                let length = registry.load(place * wordsAPlace + 1)
                guard base != 0, fault >= base, fault - base < length else { continue }
                let flag = registry.load(place * wordsAPlace + 2)
                // The place may have passed to another mapping while it was read.
                guard registry.load(place * wordsAPlace) == base else { continue }
                guard let memory = unsafe UnsafeMutableRawPointer(bitPattern: UInt(base)),
                    let flagMemory = unsafe UnsafeMutableRawPointer(bitPattern: UInt(flag))
                else { break }
                unsafe Words(at: flagMemory).store(0, Mapping.Flag.lost)
                if unsafe replace(memory, length: Int(length)) { return }
                break
            }
        }
        // Not ours: the access is tried again under the default action.
        signal(SIGBUS, SIG_DFL)
    }
}
