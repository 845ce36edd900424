import Glibc
import Synchronization

/// A row of counts for each thread, for what every request moves: no two cores want the same cache line, and a step
/// is one addition.
@safe public final class ThreadCounts: @unchecked Sendable {
    /// More than the threads of a worker, so that two of them seldom share a row; sharing one is slower, not wrong.
    private static let rows = 64
    private static let lineBytes = 64

    private let count: Int
    /// From one row to the next, in counts: whole cache lines.
    private let stride: Int
    // Fresh pages are zero, and those of threads that never count cost no memory.
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    private let byteCount: Int

    /// - Parameter count: of a row; indices are 0 to `count` - 1.
    public init(_ count: Int) {
        let perLine = ThreadCounts.lineBytes / MemoryLayout<Int>.stride
        self.count = count
        stride = (count + perLine - 1) / perLine * perLine
        byteCount = ThreadCounts.rows * stride * MemoryLayout<Int>.stride
        let pages = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
            preconditionFailure("no memory for \(byteCount) bytes of counts")
        }
        unsafe cells = pages.bindMemory(to: Atomic<Int>.self, capacity: ThreadCounts.rows * stride)
    }

    deinit { unsafe munmap(cells, byteCount) }

    /// One more.
    public func add(_ index: Int) {
        precondition(index >= 0 && index < count)
        let row = ThreadNumber.current % ThreadCounts.rows
        unsafe cells[row * stride + index].wrappingAdd(1, ordering: .releasing)
    }

    /// One count over all threads. What moves meanwhile may or may not be in it; what was done before a step that is in
    /// it can be seen.
    public func total(_ index: Int) -> Int {
        precondition(index >= 0 && index < count)
        return (0..<ThreadCounts.rows).reduce(0) { unsafe $0 + cells[$1 * stride + index].load(ordering: .acquiring) }
    }

    /// All counts, each over all threads.
    public var totals: [Int] { (0..<count).map(total) }
}
