import Glibc
import RateWindows
import Synchronization
import System
import Testing

@Suite("A table that is opened but never made")
struct ExistingTableTests {
    private let login = rule(3, in: minute)

    private func existing(_ scratch: Scratch) throws(RateError) -> Table? {
        try Table.openExisting(path: scratch.path, owner: geteuid())
    }

    private func inode(_ scratch: Scratch) throws -> UInt64 { try FileStatus.of(scratch.path).inode }

    @Test("Where there is none, none is made, also where its folder is missing")
    func none() throws {
        let scratch = try Scratch()
        #expect(try existing(scratch) == nil)
        #expect(try Files.list(scratch.folder).isEmpty)
        #expect(try Table.openExisting(path: scratch.folder + "/no/such/rates", owner: geteuid()) == nil)
    }

    @Test("One of any capacity is used as it is, and the workers hear of a user change", arguments: [64, 4096])
    func anyCapacity(_ capacity: Int) throws {
        let scratch = try Scratch()
        let workers = try scratch.table(capacity: capacity)
        let now = Moment.now().boot
        while workers.admits(login, user(1), at: now) {}
        let (file, before) = (try inode(scratch), try #require(workers.generation))

        let table = try #require(try existing(scratch))
        #expect(table.statistics()?.capacity == capacity)
        #expect(table.standing(of: user(1), under: login, at: now)?.remaining == 0)
        table.noteUserChange()

        #expect(try #require(workers.generation) != before)
        #expect(table.generation == workers.generation)
        #expect(try inode(scratch) == file)
        #expect(!workers.admits(login, user(1), at: now))
    }

    private func overwrite(_ scratch: Scratch, at offset: off_t) throws {
        let file = try FileDescriptor.open(scratch.path, O_RDWR)
        var word: UInt64 = 77
        #expect(unsafe pwrite(file.rawValue, &word, 8, offset) == 8)
    }

    @Test("Another file or layout is an error and stays where it is", arguments: [0, 8])
    func unusable(_ offset: off_t) throws {
        let scratch = try Scratch()
        _ = try scratch.table(capacity: 64)
        try overwrite(scratch, at: offset)
        let before = try inode(scratch)
        let error = #expect(throws: RateError.self) { try existing(scratch) }
        #expect(error?.code == .unusable)
        #expect(try inode(scratch) == before)
    }

    @Test("One of another boot id is used: in a container the workers and the command see different ones")
    func otherBoot() throws {
        let scratch = try Scratch()
        let workers = try scratch.table(capacity: 64)
        let now = Moment.now().boot
        #expect(workers.admits(login, user(1), at: now))
        try overwrite(scratch, at: 40)
        let table = try #require(try existing(scratch))
        #expect(table.standing(of: user(1), under: login, at: now)?.remaining == 2)
    }

    @Test("A file that was cut is an error and stays as it is", arguments: [0, 100, 4096])
    func cut(_ size: off_t) throws {
        let scratch = try Scratch()
        _ = try scratch.table(capacity: 64)
        #expect(unsafe truncate(scratch.path, size) == 0)
        let error = #expect(throws: RateError.self) { try existing(scratch) }
        #expect(error?.code == .unusable)
        #expect(try FileStatus.of(scratch.path).size == Int(size))
    }

    @Test("A symbolic link and another user's file are refused")
    func foreign() throws {
        let scratch = try Scratch()
        #expect(unsafe symlink(scratch.folder + "/elsewhere", scratch.path) == 0)
        #expect(#expect(throws: RateError.self) { try existing(scratch) }?.code == .foreignFile)
        #expect(unsafe unlink(scratch.path) == 0)
        _ = try scratch.table(capacity: 64)
        let error = #expect(throws: RateError.self) {
            try Table.openExisting(path: scratch.path, owner: geteuid() + 1)
        }
        #expect(error?.code == .foreignFile)
    }

    @Test("Lost or unlinked while it is open, it is not made again")
    func lost() throws {
        for lose: (Scratch) -> Void in [
            { unsafe _ = unlink($0.path) },
            { scratch in
                unsafe _ = truncate(scratch.path, 0)
                unsafe _ = unlink(scratch.path)
            },
        ] {
            let scratch = try Scratch()
            _ = try scratch.table(capacity: 64)
            let table = try #require(try existing(scratch))
            lose(scratch)
            table.inspect()
            table.noteUserChange()
            #expect(table.failure?.code == .absent)
            #expect(try Files.list(scratch.folder).isEmpty)
        }
    }

    @Test("Replaced while it is open, the new one is used, whatever its capacity")
    func replaced() throws {
        let scratch = try Scratch()
        _ = try scratch.table(capacity: 64)
        let table = try #require(try existing(scratch))
        let workers = try scratch.table(capacity: 128)
        table.inspect()
        #expect(table.statistics()?.capacity == 128)
        let generation = try #require(table.generation)
        #expect(workers.generation == generation)
    }

    @Test("While workers replace it again and again, one is always found")
    func neverMissed() throws {
        let scratch = try Scratch()
        _ = try scratch.table(capacity: 64)
        let isOver = Atomic(false)
        try onThreads(2) { thread in
            do {
                guard thread == 0 else {
                    while !isOver.load(ordering: .relaxed) { #expect(try existing(scratch) != nil) }
                    return
                }
                defer { isOver.store(true, ordering: .relaxed) }
                for round in 0..<300 { _ = try scratch.table(capacity: round.isMultiple(of: 2) ? 128 : 64) }
            } catch {
                Issue.record(error)
            }
        }
    }
}
