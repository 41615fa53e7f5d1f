import Glibc
import Testing

@testable import AgentStore
@testable import agentd

/// What the supervisor is told of a ledger that ends.
@Suite struct DaemonFailureTests {
    private func exitCode(_ code: Int32, _ systemCode: Int32 = 0) -> Int32 {
        DaemonFailure.exitCode(of: StoreError("test", code: code, message: "", systemCode: systemCode))
    }

    @Test func aFailedSyncIsAnErrorOfTheSystem() {
        let sync: Int32 = 10 | 4 << 8
        #expect(exitCode(sync, EIO) == 71)
        #expect(exitCode(sync, ENOSPC) == 71)
    }

    @Test func aDamagedFileIsBadData() {
        let (corrupt, notADatabase): (Int32, Int32) = (11, 26)
        #expect(exitCode(corrupt) == 65)
        #expect(exitCode(notADatabase) == 65)
    }

    @Test func everythingElseIsInputOrOutput() {
        let (write, full, busy, schema): (Int32, Int32, Int32, Int32) = (10 | 3 << 8, 13, 5, 17)
        for code in [write, full, busy, schema] { #expect(exitCode(code) == 74) }
    }
}
