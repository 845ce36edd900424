import Glibc

/// Long slices of the processor: for threads that calculate while others wait for the network.
///
/// Since Linux 6.6 (EEVDF) a running thread is left alone until its slice of some ms ends, also a nice one, and a request
/// waits for it at each thread on its way. Since 6.12 a thread may ask for another length, and who has a shorter slice
/// interrupts who has a longer one at once: the long slice is what gives way. Older kernels look at niceness alone and
/// take no notice.
enum LongSlice {
    /// The longest that the kernel knows, ns.
    private static let length: UInt64 = 100_000_000

    /// struct sched_attr in its first version (sched_setattr(2)).
    private struct Attributes {
        var size = UInt32(MemoryLayout<Attributes>.size)
        var policy = UInt32(SCHED_OTHER)
        var flags: UInt64 = 0
        var nice: Int32
        var priority: UInt32 = 0
        var runtime: UInt64
        var deadline: UInt64 = 0
        var period: UInt64 = 0
    }

    /// syscall(2), which Swift does not import since it is variadic; in glibc it reads registers, however it is called.
    private typealias SystemCall = @convention(c) (Int, Int, UnsafeRawPointer, Int) -> Int

    #if arch(x86_64)
    private static let setAttributes: Int? = 314
    #elseif arch(arm64)
    private static let setAttributes: Int? = 274
    #else
    private static let setAttributes: Int? = nil
    #endif

    /// For the calling thread, whose niceness is this already. False where the kernel or a sandbox does not let it: then
    /// the thread is as nice as it was.
    @discardableResult
    static func take(niceness: Int32) -> Bool {
        guard let setAttributes, let symbol = unsafe dlsym(nil, "syscall") else { return false }
        let call = unsafe unsafeBitCast(symbol, to: SystemCall.self)
        var attributes = Attributes(nice: niceness, runtime: length)
        return unsafe withUnsafePointer(to: &attributes) { unsafe call(setAttributes, 0, $0, 0) == 0 }
    }
}
