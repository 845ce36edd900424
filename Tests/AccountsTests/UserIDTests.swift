import Accounts
import Testing

@Suite("A user's id")
struct UserIDTests {
    @Test("reads and writes the canonical text")
    func text() throws {
        let id = try #require(UserID("7c9e6679-7425-40de-944b-e07fc1f90ae7"))
        #expect(id.high == 0x7c9e_6679_7425_40de && id.low == 0x944b_e07f_c1f9_0ae7)
        #expect(id.description == "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        #expect(UserID("7C9E6679-7425-40DE-944B-E07FC1F90AE7") == id)
        #expect(UserID(high: 0, low: 1).description == "00000000-0000-0000-0000-000000000001")
    }

    @Test(
        "refuses every other text",
        arguments: [
            "", "7c9e6679742540de944be07fc1f90ae7", "7c9e6679-7425-40de-944b-e07fc1f90ae",
            "{7c9e6679-7425-40de-944b-e07fc1f90ae7}",
            "7c9e6679-7425-40de-944b-e07fc1f90aeg", "7c9e667-97425-40de-944b-e07fc1f90ae7",
            " 7c9e6679-7425-40de-944b-e07fc1f90ae",
            "7c9e6679-7425-40de-944b-e07fc1f90ae7 ", "７c9e6679-7425-40de-944b-e07fc1f90a",
        ])
    func otherText(text: String) { #expect(UserID(text) == nil) }

    @Test("is a version 4 UUID of the random bytes")
    func version4() {
        #expect(UserID(random: Array(repeating: 0xff, count: 16)).description == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        #expect(UserID(random: Array(repeating: 0, count: 16)).description == "00000000-0000-4000-8000-000000000000")
        #expect(UserID(random: Array(0..<16)).description == "00010203-0405-4607-8809-0a0b0c0d0e0f")
    }
}
