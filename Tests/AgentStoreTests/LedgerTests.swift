import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentStore

@Suite struct LedgerTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func aSmallFlowingBatchIsCommittedAtOnce() throws {
        let house = try House()
        let batch = house.batch(64)
        house.ledger.commit(batch)
        #expect(house.committed.count == 1)
        try house.ledger.close()
    }

    @Test @LoopActor func aLargeBatchGoesToTheThread() async throws {
        let house = try House()
        let batch = house.batch(65)
        house.ledger.commit(batch)
        #expect(house.committed.isEmpty)
        #expect(await eventually { house.committed.count == 1 })
        try house.ledger.close()
    }

    @Test @LoopActor func aSealedBatchGoesToTheThread() async throws {
        let house = try House()
        house.ledger.commit(house.batch(1, sealed: true))
        #expect(house.committed.isEmpty)
        #expect(await eventually { house.committed.count == 1 })
        try house.ledger.close()
    }

    @Test @LoopActor func aBatchWaitsWhileTheBatonIsAwayAndKeepsItsOrder() async throws {
        let house = try House()
        for round in 0..<20 {
            let first = house.batch(1, sealed: true, from: Int64(1 + round * 10))
            // Flowing text would be synced after a while, and the baton away for that: only the last round has some.
            let second = house.batch(2, sealed: round < 19, from: Int64(5 + round * 10))
            house.ledger.commit(first)
            house.ledger.commit(second)
            #expect(house.committed.count == 2 * round)
            #expect(await eventually { house.committed.count == 2 * round + 2 })
            #expect(house.committed.suffix(2).map(ObjectIdentifier.init) == [first, second].map(ObjectIdentifier.init))
        }
        let seqs = try house.look("SELECT seq FROM ai_agent_run_deltas ORDER BY id") { $0.integer(0) ?? 0 }
        #expect(seqs.count == 60 && seqs == seqs.sorted())
        try house.ledger.close()
    }

    @Test @LoopActor func whatIsReportedIsThereForEverybody() async throws {
        let house = try House()
        var rows = 0
        var seen: [Int64] = []
        house.reaction = { batch in
            rows += batch.events.count
            seen.append((try? house.countEvents()) ?? -1)
            #expect(seen.last == Int64(rows))
        }
        for batch in [house.batch(3), house.batch(2, sealed: true), house.batch(200), house.batch(1)] {
            #expect(await house.commit(batch))
        }
        #expect(seen == [3, 6, 206, 207])
        house.reaction = { _ in }
        try house.ledger.close()
    }

    @Test @LoopActor func anIdleLedgerIsSyncedSoonAfterItsLastText() async throws {
        let house = try House()
        let started = EventLoop.shared.epochMilliseconds
        #expect(await house.commit(house.batch(1)))
        #expect(try house.look("SELECT value FROM ai_agent_ledger") { $0.integer(0) }.isEmpty)
        let row = try Connection(path: house.directory.database, isReader: true)
            .prepare("SELECT value FROM ai_agent_ledger WHERE name = 'synced_at'")
        var synced: Int64?
        #expect(
            await eventually {
                synced = (try? row.first { $0.integer(0) } ?? nil) ?? nil
                return synced != nil
            })
        #expect(try #require(synced) >= started)
        try house.ledger.close()
    }

    @Test @LoopActor func theLogStaysSmallHoweverMuchIsWritten() async throws {
        let house = try House()
        let text = String(repeating: "0123456789", count: 100)
        var largest = 0
        for round in 0..<200 {
            #expect(await house.commit(house.batch(100, from: Int64(1 + round * 100), text: text)))
            largest = max(largest, TemporaryDirectory.size(house.directory.database + "-wal"))
        }
        #expect(try house.look("SELECT count(*) FROM ai_agent_run_deltas") { $0.integer(0) } == [20_000])
        // A thousand pages are 4 MiB, and what is written while they are moved comes on top. All of it is 20 MB.
        #expect(largest < 8 << 20)
        try house.ledger.close()
    }

    @Test @LoopActor func aBatchThatBeginsTheLogAnewGoesToTheThread() async throws {
        let house = try House()
        let page = String(repeating: "x", count: 4000)
        // Sealed: nothing is left to be synced later, which would begin the log too.
        #expect(await house.commit(house.batch(Ledger.checkpointPages, sealed: true, text: page)))
        #expect(await eventually { !house.ledger.isAway && house.ledger.writer.beginsLogAnew })
        // SQLite syncs what begins a log, and the loop waits for no sync.
        let (first, second) = (house.batch(1, from: 2001), house.batch(1, from: 2002))
        house.ledger.commit(first)
        #expect(house.committed.last !== first)
        #expect(await eventually { house.committed.last === first })
        house.ledger.commit(second)
        #expect(house.committed.last === second)
        try house.ledger.close()
    }

    @Test @LoopActor func theLastDeltasOfClosedStepsGoWhenNothingElseComes() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(5, sealed: true, closing: true)))
        #expect(
            await eventually {
                (try? house.look("SELECT count(*) FROM ai_agent_run_deltas") { $0.integer(0) }) == [0]
            })
        try house.ledger.close()
    }

    @Test @LoopActor func aClosedFileHasNoPagesThatNothingIsIn() async throws {
        let house = try House()
        let text = String(repeating: "x", count: 1000)
        #expect(await house.commit(house.batch(500, sealed: true, closing: true, text: text)))
        #expect(
            await eventually {
                (try? house.look("SELECT count(*) FROM ai_agent_run_deltas") { $0.integer(0) }) == [0]
            })
        #expect(try house.look("PRAGMA freelist_count") { $0.integer(0) ?? 0 }[0] > 100)
        try house.ledger.close()
        #expect(try house.look("PRAGMA freelist_count") { $0.integer(0) } == [0])
        #expect(TemporaryDirectory.size(house.database) < 200_000)
    }

    @Test @LoopActor func aBatchThatCannotBeCommittedIsNeverReported() async throws {
        let house = try House()
        let good = LedgerBatch()
        good.addSession("s1")
        #expect(await house.commit(good))
        let bad = LedgerBatch()
        bad.addSession("s1")
        house.ledger.commit(bad)
        house.ledger.commit(house.batch(1))
        #expect(await eventually { !house.failures.isEmpty })
        house.ledger.commit(house.batch(1, sealed: true))
        await afterMilliseconds(10)
        #expect(house.failures.count == 1)
        #expect(house.committed.count == 1)
        #expect(try house.look("SELECT count(*) FROM ai_agent_run_deltas") { $0.integer(0) } == [0])
        // What is there can still be read.
        #expect((try? await house.read(.list(ListCommand())).get()) != nil)
        try house.ledger.close()
    }

    @Test @LoopActor func theEngineCountsItsDeltasFromWhereRecoveryEnded() async throws {
        let house = try House()
        try house.ledger.commitNow(house.batch(3))
        try house.ledger.close()
        let again = try Ledger(path: house.directory.database)
        let recovered = LedgerBatch()
        recovered.addText("x", run: "r2", seq: 1)
        try again.commitNow(recovered)
        let first = LedgerBatch()
        first.addText("x", run: "r3", seq: 1)
        var isCommitted = false
        again.committed = { _ in isCommitted = true }
        again.commit(first)
        #expect(await eventually { isCommitted })
        #expect(try house.look("SELECT id FROM ai_agent_run_deltas ORDER BY id") { $0.integer(0) } == [1, 2, 3, 4, 5])
        try again.close()
    }

    @Test @LoopActor func recoveryCommitsBeforeAnythingElse() throws {
        let house = try House()
        let batch = LedgerBatch()
        batch.addRun("r1", session: "s1")
        try house.ledger.commitNow(batch)
        #expect(try house.ledger.unfinishedRuns().map(\.record.runID.text) == ["r1"])
        try house.ledger.close()
    }

    @Test @LoopActor func tellsHowLongCommitsTake() async throws {
        let house = try House()
        #expect(house.ledger.commitP99 == nil)
        #expect(await house.commit(house.batch(1, sealed: true)))
        #expect(try #require(house.ledger.commitP99) > .zero)
        try house.ledger.close()
    }

    @Test @LoopActor func questionsAreAnsweredOnTheLoop() async throws {
        let house = try House()
        let batch = LedgerBatch()
        batch.addSession("s1")
        batch.addRun("r1", session: "s1")
        #expect(await house.commit(batch))
        let facts = await withCheckedContinuation { continuation in
            house.ledger.admission(
                AdmissionQuery(sessionID: SessionID(trusted: "s1"), runID: RunID(trusted: "r1"), turns: 1)
            ) { continuation.resume(returning: $0) }
        }
        #expect(try facts.get().known != nil)
        let run = await withCheckedContinuation { continuation in
            house.ledger.finished(.run(RunID(trusted: "r1"))) { continuation.resume(returning: $0) }
        }
        #expect(try run.get()?.sessionID.text == "s1")
        #expect(
            try await house.read(.list(ListCommand())).get().starts(with: Array(#""items":[{"session_id":"s1""#.utf8)))
        try house.ledger.close()
    }

    @Test @LoopActor func aClosedLedgerIsLeftAloneByItsTimer() async throws {
        weak var seen: Ledger?
        do {
            let house = try House()
            house.ledger.commit(house.batch(1))
            try house.ledger.close()
            seen = house.ledger
        }
        #expect(await eventually { seen == nil })
        // Text stays unsynced for a second at most: after that nothing of the ledger may be armed.
        await afterMilliseconds(1_100)
    }

    @Test @LoopActor func aLedgerThatCannotBeOpenedLeavesNoThread() {
        for _ in 0..<20 { #expect(throws: StoreError.self) { try Ledger(path: ":memory:") } }
    }
}
