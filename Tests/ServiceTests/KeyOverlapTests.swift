import Testing

@testable import Service

@Suite("How long a replaced secret verifies on")
struct KeyOverlapTests {
    private func settings(life: Int, keepsPrevious: Bool = true) -> Settings {
        var settings = Settings()
        settings.tokens.accessLife = life
        settings.keys.keepPrevious = keepsPrevious
        return settings
    }

    @Test("As long as a token lives")
    func life() { #expect(Resources.overlap(settings(life: 600)) == 600) }

    @Test(
        "After a reload as long as any token that is out may live, whichever settings gave it", arguments: [600, 3600])
    func reload(_ life: Int) {
        #expect(Resources.overlap(settings(life: life), before: settings(life: 1800)) == Int64(max(life, 1800)))
    }

    @Test("Not at all where the sysadmin says so, whatever was before")
    func off() {
        let off = settings(life: 600, keepsPrevious: false)
        #expect(Resources.overlap(off) == 0 && Resources.overlap(off, before: settings(life: 1800)) == 0)
    }
}
