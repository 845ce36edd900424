import System
import Testing

@testable import Tokens

@Suite("The key ring")
struct KeyRingTests {
    private func moment(_ seconds: Double, wall: Int64 = 0) -> Moment {
        Moment(boot: Fixture.now.boot + UInt64(seconds * 1e9), wall: Fixture.now.wall + wall)
    }

    private func set(_ id: String, _ secret: String = Fixture.secret, life: TokenKey.Life = .init()) throws -> TokenKey
    {
        try Fixture.key(secret, id: id, life: life)
    }

    private func verifies(_ ring: KeyRing, _ key: TokenKey, at moment: Moment) -> Bool {
        ring.entries.contains { $0.key.isSameSecret(as: key) && $0.mayVerify(at: moment) }
    }

    @Test("of a worker that starts signs at once")
    func start() throws {
        let ring = try KeyRing(starting: [set("a")])
        #expect(ring.signer(at: Moment(boot: 0, wall: 0))?.id == "a")
        #expect(ring.generation == 1)
    }

    @Test("signs with the latest key whose time has come, of equal ones with the first in the file")
    func choice() throws {
        let now = Fixture.now.wall
        let ring = try KeyRing(starting: [
            set("old", life: .init(signsUntil: now + 100)), set("second"),
            set("new", life: .init(signsFrom: now + 50)), set("newer", life: .init(signsFrom: now + 50)),
            set("dead", life: .init(signsFrom: now + 10, verifiesUntil: now + 20)),
        ])
        #expect(ring.signer(at: moment(0))?.id == "old")
        #expect(ring.signer(at: moment(0, wall: 10))?.id == "dead")
        #expect(ring.signer(at: moment(0, wall: 20))?.id == "old")
        #expect(ring.signer(at: moment(0, wall: 50))?.id == "new")
        #expect(ring.signer(at: moment(0, wall: 200))?.id == "new")
        #expect(verifies(ring, try set("dead"), at: moment(0, wall: 19)))
        #expect(!verifies(ring, try set("dead"), at: moment(0, wall: 20)))
        let later = try KeyRing(starting: [set("later", life: .init(signsFrom: now + 1))])
        #expect(later.signer(at: moment(0)) == nil)
    }

    @Test("goes on signing with the raw secret before for 2 s, and verifies with it for keep_previous")
    func swap() throws {
        let old = try Fixture.key()
        let new = try Fixture.key(Fixture.otherSecret)
        let ring = KeyRing(starting: [old]).replacing(with: [new], at: moment(0), keepPrevious: 1_800)
        #expect(ring.generation == 2)
        #expect(ring.signer(at: moment(0))?.id == old.id)
        #expect(ring.signer(at: moment(1.999_999))?.id == old.id)
        #expect(ring.signer(at: moment(2))?.id == new.id)
        #expect(verifies(ring, new, at: moment(0)), "another worker may sign with it already")
        #expect(verifies(ring, old, at: moment(1_799.9)))
        #expect(!verifies(ring, old, at: moment(1_800)))
    }

    @Test("never has a moment without a signing key while files are swapped, back and forth too")
    func neverWithout() throws {
        let keys = [try Fixture.key(), try Fixture.key(Fixture.otherSecret)]
        for pause in [0.3, 0.5, 1.0, 1.5, 2.0, 3.9, 4.1, 7.0] {
            var ring = KeyRing(starting: [keys[0]])
            for step in 1...12 {
                ring = ring.replacing(with: [keys[step % 2]], at: moment(Double(step) * pause), keepPrevious: 0)
                for part in stride(from: 0.0, to: pause, by: 0.05) {
                    let at = moment(Double(step) * pause + part)
                    let signer = try #require(ring.signer(at: at), "pause \(pause), step \(step), \(part)")
                    #expect(verifies(ring, signer, at: at))
                }
            }
        }
    }

    @Test("keeps a key that left a set for the hand-over only, and a raw secret with keep_previous 0 as well")
    func departure() throws {
        let a = try set("a")
        let b = try set("b", Fixture.otherSecret)
        let left = KeyRing(starting: [a, b]).replacing(with: [b], at: moment(0), keepPrevious: 1_800)
        #expect(left.signer(at: moment(0))?.id == "b", "b signs already")
        #expect(verifies(left, a, at: moment(3.9)))
        #expect(!verifies(left, a, at: moment(4)))
        let raw = try Fixture.key()
        let replaced = KeyRing(starting: [raw]).replacing(with: [b], at: moment(0), keepPrevious: 0)
        #expect(verifies(replaced, raw, at: moment(3.9)))
        #expect(!verifies(replaced, raw, at: moment(4)))
    }

    @Test("takes a new key of an old kid for a new key")
    func sameID() throws {
        let old = try set("main")
        let new = try set("main", Fixture.otherSecret)
        let ring = KeyRing(starting: [old]).replacing(with: [new], at: moment(0), keepPrevious: 0)
        #expect(ring.signer(at: moment(1))?.thumbprint == old.thumbprint)
        #expect(ring.signer(at: moment(2))?.thumbprint == new.thumbprint)
        for secret in [Fixture.secret, Fixture.otherSecret] {
            let header = #"{"alg":"HS256","typ":"at+jwt","kid":"main"}"#
            let token = try Fixture.sign(header, Fixture.claims(), secret: secret)
            #expect(try Fixture.refusal(token, ring: ring, at: moment(1)) == nil)
        }
    }

    @Test("gives a key another life at once, without a delay")
    func newLife() throws {
        let ring = try KeyRing(starting: [set("a")])
        let changed = try ring.replacing(
            with: [set("a", life: .init(signsUntil: Fixture.now.wall + 10)), set("b", Fixture.otherSecret)],
            at: moment(0), keepPrevious: 0)
        #expect(changed.signer(at: moment(0))?.id == "a")
        #expect(changed.signer(at: moment(5, wall: 9))?.id == "a")
        #expect(changed.signer(at: moment(5, wall: 10))?.id == "b")
    }

    @Test("forgets the keys before at once when they are retired")
    func retire() throws {
        let old = try Fixture.key()
        let new = try Fixture.key(Fixture.otherSecret)
        let ring = KeyRing(starting: [old]).replacing(with: [new], at: moment(0), keepPrevious: 1_800)
        let retired = ring.retiringPrevious(at: moment(3))
        #expect(!verifies(retired, old, at: moment(3)))
        #expect(verifies(retired, new, at: moment(3)))
        let early = ring.retiringPrevious(at: moment(1))
        #expect(early.signer(at: moment(1))?.id == old.id)
        #expect(!verifies(early, old, at: moment(4)))
    }
}
