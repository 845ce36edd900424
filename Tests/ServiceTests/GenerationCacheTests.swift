import RateWindows
import System
import Testing

@testable import Service

@Suite("What was found a moment ago")
struct GenerationCacheTests {
    private let worker: TestWorker
    private let now = Moment(boot: 1_000_000_000_000, wall: 1_800_000_000)

    init() throws { worker = try TestWorker() }

    private func cache(life: Int = 10, capacity: Int = 64) -> GenerationCache<Int, String> {
        GenerationCache(table: worker.resources.table, life: life, capacity: capacity)
    }

    private func keep(_ name: Int, in cache: GenerationCache<Int, String>, at moment: Moment) throws {
        let generation = try #require(worker.resources.table.generation)
        cache.keep("\(name)", as: name, asOf: moment.boot, generation: generation)
    }

    @Test("It is good for its life and not longer, also for a clock reading from before it")
    func life() throws {
        let cache = cache()
        #expect(cache.find(1, at: now) == nil)
        try keep(1, in: cache, at: now)
        let before = Moment(boot: now.boot - 1, wall: now.wall)
        for moment in [before, now, now.adding(milliseconds: 9_999)] { #expect(cache.find(1, at: moment) == "1") }
        #expect(cache.find(1, at: now.adding(milliseconds: 10_000)) == nil)
        #expect(cache.find(2, at: now) == nil)
    }

    @Test("In the last quarter of its life a thread asks once for a younger answer, and finds it when it is there")
    func renewed() throws {
        let cache = cache()
        try keep(1, in: cache, at: now)
        var asked = 0
        func find(after milliseconds: Int) -> String? {
            cache.find(1, at: now.adding(milliseconds: milliseconds), renew: { asked += 1 })
        }
        #expect(find(after: 0) == "1" && find(after: 7_499) == "1" && asked == 0)
        #expect(find(after: 7_500) == "1" && asked == 1)
        #expect(find(after: 9_999) == "1" && asked == 1)
        let generation = try #require(worker.resources.table.generation)
        cache.keep(
            "younger", as: 1, asOf: now.adding(milliseconds: 9_000).boot, generation: generation)
        #expect(find(after: 9_999) == "1" && find(after: 10_000) == "younger" && asked == 1)
        #expect(find(after: 16_499) == "younger" && asked == 1)
        #expect(find(after: 16_500) == "younger" && asked == 2)
    }

    @Test("Without a life nothing is kept")
    func noLife() throws {
        let cache = cache(life: 0)
        try keep(1, in: cache, at: now)
        #expect(cache.find(1, at: now) == nil && cache.count == 0)
    }

    @Test("A newer answer is found where an older one does not do, by whoever found the older one before")
    func wanted() throws {
        let cache = cache()
        let generation = try #require(worker.resources.table.generation)
        cache.keep("old", as: 1, asOf: now.boot, generation: generation)
        #expect(cache.find(1, at: now) == "old")
        #expect(cache.find(1, at: now) { $0 == "new" } == nil)
        cache.keep("new", as: 1, asOf: now.boot, generation: generation)
        #expect(cache.find(1, at: now) { $0 == "new" } == "new")
        #expect(cache.find(1, at: now) == "new")
    }

    @Test("A change of a user empties it, and what was asked before the change is not good after it")
    func change() throws {
        let cache = cache()
        try keep(1, in: cache, at: now)
        #expect(cache.find(1, at: now) == "1")
        let before = try #require(worker.resources.table.generation)
        #expect(worker.resources.table.noteUserChange())
        #expect(cache.find(1, at: now) == nil)
        cache.keep("late", as: 1, asOf: now.boot, generation: before)
        #expect(cache.find(1, at: now) == nil)
        try keep(1, in: cache, at: now)
        #expect(cache.find(1, at: now) == "1")
    }

    @Test("While the table is away nothing comes from it")
    func tableLost() throws {
        let cache = cache()
        try keep(1, in: cache, at: now)
        #expect(cache.find(1, at: now) == "1")
        try worker.loseTable()
        #expect(cache.find(1, at: now) == nil)
    }

    @Test("It is bounded: of a full one what has expired goes first, then everything")
    func bounded() throws {
        let cache = cache()
        for name in 0..<60 { try keep(name, in: cache, at: now) }
        let later = now.adding(milliseconds: 10_000)
        for name in 60..<66 { try keep(name, in: cache, at: later) }
        #expect(cache.count == 6)
        #expect((60..<66).allSatisfy { cache.find($0, at: later) != nil })
        for name in 100..<1000 {
            try keep(name, in: cache, at: later)
            #expect(cache.count <= 64)
            #expect(cache.find(name, at: later) == "\(name)")
        }
    }
}
