import Glibc
import System
import Testing

@Suite struct JournalTests {
    @Test("A line that nobody reads is dropped and counted, and the writer goes on")
    func dropsWhenFull() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let writer = FileDescriptor(owning: ends[1])
        let journal = Journal(identifier: "test", descriptor: writer.rawValue)
        journal.write("first.line", priority: .notice)
        #expect(journal.dropped == 0)
        // More than a pipe holds (pipe(7): 64 KiB): without dropping, this would never end.
        let long = String(repeating: "x", count: 3000)
        for _ in 0..<100 { journal.write(long, priority: .notice) }
        #expect(journal.dropped > 50)

        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe read(reader.rawValue, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self).hasPrefix("first.line\n"))
        let dropped = journal.dropped
        journal.write("read.again", priority: .notice)
        #expect(journal.dropped == dropped)
        // The flag is the journal's own: who shares the pipe still waits at a full one.
        #expect(fcntl(writer.rawValue, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test("A line longer than a pipe takes at once is cut, and ends like any other")
    func cutsLongLines() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let reader = FileDescriptor(owning: ends[0])
        let writer = FileDescriptor(owning: ends[1])
        let journal = Journal(identifier: "test", descriptor: writer.rawValue)
        journal.write(String(repeating: "y", count: 10_000), priority: .notice)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(reader.rawValue, &bytes, bytes.count)
        #expect(count == 4096)
        #expect(bytes[max(0, count - 1)] == UInt8(ascii: "\n"))
    }
}
