import CFastCGI
import Glibc
import System

/// An epoll(7) set whose entries carry 64 bits of ours.
struct Poller: ~Copyable, Sendable {
    struct Events: OptionSet, Sendable {
        let rawValue: UInt32
        static let input = Events(rawValue: 0x001)
        static let error = Events(rawValue: 0x008)
        static let hangUp = Events(rawValue: 0x010)
        static let peerClosed = Events(rawValue: 0x2000)
        static let oneShot = Events(rawValue: 1 << 30)
        static let edge = Events(rawValue: 1 << 31)
    }

    struct Event {
        let token: UInt64
        let events: Events
    }

    private let descriptor: FileDescriptor

    init() throws(FastCGIError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw FastCGIError(SystemError.last("epoll_create1")) }
        descriptor = FileDescriptor(owning: number)
    }

    @discardableResult
    func add(_ target: Int32, _ events: Events, token: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, target, events, token)
    }

    @discardableResult
    func modify(_ target: Int32, _ events: Events, token: UInt64) -> Bool {
        control(EPOLL_CTL_MOD, target, events, token)
    }

    func remove(_ target: Int32) {
        _ = control(EPOLL_CTL_DEL, target, [], 0)
    }

    private func control(_ operation: Int32, _ target: Int32, _ events: Events, _ token: UInt64) -> Bool {
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: token))
        return unsafe epoll_ctl(descriptor.rawValue, operation, target, &event) == 0
    }

    /// Waits for one event, however long; nil when a signal came in between.
    func next() -> Event? {
        var event = unsafe epoll_event()
        guard unsafe epoll_wait(descriptor.rawValue, &event, 1, -1) == 1 else { return nil }
        return unsafe Event(token: event.data.u64, events: Events(rawValue: event.events))
    }

    /// Waits for up to 64 events, at most `nanoseconds`.
    func wait(nanoseconds: UInt64, _ body: (Event) -> Void) {
        // Rounded up: a deadline must have passed when the wait ends.
        let milliseconds = Int32(min(nanoseconds / 1_000_000 + 1, 60_000))
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        let count = unsafe epoll_wait(descriptor.rawValue, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            body(unsafe Event(token: event.data.u64, events: Events(rawValue: event.events)))
        }
    }
}

/// An eventfd(2): written from any thread, readable until it is cleared.
struct Wake: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    init() throws(FastCGIError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw FastCGIError(SystemError.last("eventfd")) }
        descriptor = FileDescriptor(owning: number)
    }

    var rawValue: Int32 { descriptor.rawValue }

    func signal() { _ = eventfd_write(descriptor.rawValue, 1) }

    func clear() {
        var value: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor.rawValue, &value)
    }
}
