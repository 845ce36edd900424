import FastCGI
import Testing

@testable import Service

@Suite("The connections of a worker")
struct ConnectionTests {
    @Test("Half of them are left for others when as many guesses as may wait are parked")
    func parked() {
        #expect(Parking.capacity * 2 <= Limits().maxConnections)
    }
}
