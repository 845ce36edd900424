import RateWindows
import Testing

@Suite("SipHash")
struct SipHashTests {
    private let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)

    @Test("2-4 gives the values of the reference implementation")
    func reference() {
        #expect(SipHash.hash(key, []) == 0x726f_db47_dd0e_0e31)
        #expect(SipHash.hash(key, (0..<15).map { UInt8($0) }) == 0xa129_ca61_49be_45e5)
    }

    @Test("1-3 gives the values of CPython, which hashes bytes with it under PYTHONHASHSEED=0")
    func python() {
        let hash = { (text: String) in SipHash.hash((0, 0), text.utf8, compression: 1, finalization: 3) }
        #expect(hash("abc") == 13_851_880_170_939_887_858)
        #expect(hash("0123456789abcdef") == 2_108_444_454_683_020_324)
        #expect(
            SipHash.index(
                (0, 0), 0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908, 0x1716_1514_1312_1110,
                0x1f1e_1d1c_1b1a_1918) == 3_598_235_784_765_792_923)
    }
}
