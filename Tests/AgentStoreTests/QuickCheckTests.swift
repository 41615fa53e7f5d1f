import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentStore

/// What a process that died left behind is looked through.
@Suite("A file that was left open") struct QuickCheckTests {
    init() { LoopFixture.start() }

    /// Files as a crash leaves them, in a directory of their own: the bytes of a ledger that is not closed, changed on
    /// the way.
    @LoopActor private func crashed(_ change: (inout [UInt8]) -> Void = { _ in }) async throws -> TemporaryDirectory {
        let house = try House()
        for round in 0..<20 as Range<Int64> {
            #expect(await house.commit(house.batch(100, sealed: true, from: 1 + round * 200)))
        }
        await withCheckedContinuation { continuation in house.ledger.scrub { continuation.resume() } }
        #expect(await house.commit(house.batch(1, sealed: true, from: 9000)))
        let copy = try TemporaryDirectory()
        var bytes = TemporaryDirectory.bytes(of: house.database)
        change(&bytes)
        try copy.write("agentd.db", bytes)
        try copy.write("agentd.db-wal", TemporaryDirectory.bytes(of: house.database + "-wal"))
        try house.ledger.close()
        return copy
    }

    @Test @LoopActor func isFoundSound() async throws {
        let directory = try await crashed()
        let ledger = try Ledger(path: directory.database)
        #expect(ledger.wasLeftOpen)
        var duration: Duration?
        ledger.failed = { Issue.record("\($0)") }
        ledger.checkFile { duration = $0 }
        #expect(await eventually { duration != nil })
        try ledger.close()
    }

    @Test @LoopActor func isFoundDamaged() async throws {
        // A page in the middle of the log's table, which no start reads.
        let directory = try await crashed { bytes in
            let page = bytes.count / 4096 / 2 * 4096
            for index in page..<page + 4096 { bytes[index] = 0xFF }
        }
        let ledger = try Ledger(path: directory.database)
        var failure: StoreError?
        ledger.failed = { failure = $0 }
        ledger.checkFile { _ in Issue.record("it is not sound") }
        #expect(await eventually { failure != nil })
        #expect(failure?.kind == .damaged)
        #expect(ledger.lastError?.text.contains("quick check") == true)
        try ledger.close()
    }

    @Test @LoopActor func doesNotHoldUpAClose() async throws {
        let directory = try await crashed()
        let ledger = try Ledger(path: directory.database)
        ledger.failed = { Issue.record("\($0)") }
        ledger.checkFile { _ in Issue.record("nobody is there to be told") }
        try ledger.close()
        await nextMillisecond()
    }
}
