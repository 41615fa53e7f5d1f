import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Glibc
import Synchronization
import Testing

@testable import AgentStore

/// The write-ahead log: who may hold it up, and for how long.
@Suite("A ledger's write-ahead log") struct LedgerLogTests {
    init() { LoopFixture.start() }

    private func logSize(_ house: House) -> Int { TemporaryDirectory.size(house.database + "-wal") }

    // MARK: Foreign locks

    @Test @LoopActor func aForeignLockNeverStopsTheLoop() async throws {
        let house = try House()
        let foreign = try Connection(path: house.database, isReader: false)
        try foreign.execute("BEGIN IMMEDIATE")
        let batch = house.batch(1)
        let started = ContinuousClock.now
        house.ledger.commit(batch)
        // Who holds the lock is this very thread: a commit that waited for it here would do so for all of its second.
        #expect(ContinuousClock.now - started < .milliseconds(900))
        #expect(house.committed.isEmpty && house.failures.isEmpty)
        try foreign.execute("COMMIT")
        #expect(await eventually { house.committed.last === batch })
        try house.ledger.close()
    }

    @Test @LoopActor func aForeignLockThatStaysIsTheEnd() async throws {
        let house = try House()
        let foreign = try Connection(path: house.database, isReader: false)
        try foreign.execute("BEGIN IMMEDIATE")
        house.ledger.commit(house.batch(1))
        #expect(await eventually { !house.failures.isEmpty })
        #expect(house.failures.first?.kind == .busy)
        #expect(house.committed.isEmpty)
        try foreign.execute("COMMIT")
        try house.ledger.close()
    }

    // MARK: Readers

    /// A question that lasts until it is let go of.
    private final class LongQuestion: Sendable {
        private let isOver = Atomic<Bool>(false)
        let hasBegun = Atomic<Bool>(false)

        @LoopActor func ask(_ house: House) {
            house.ledger.readers.ask(
                for: .page,
                { reader throws(StoreError) in
                    _ = try reader.connection.prepare("SELECT count(*) FROM ai_agent_run_deltas").first { _ in }
                    self.hasBegun.store(true, ordering: .releasing)
                    while !self.isOver.load(ordering: .acquiring) { usleep(100) }
                    return .success(0)
                }, { (_: Result<Int, AgentError>) in })
        }

        func end() { isOver.store(true, ordering: .releasing) }
    }

    @Test @LoopActor func readersThatTakeTurnsDoNotLetTheLogGrow() async throws {
        let house = try House()
        let text = String(repeating: "0123456789", count: 400)
        var question = LongQuestion()
        question.ask(house)
        var (largest, written) = (0, 0)
        // One question always begins before the other ends, so that there is never none.
        for round in 0..<140 as Range<Int64> {
            #expect(await house.commit(house.batch(250, from: 1 + round * 250, text: text)))
            written += 250 * text.utf8.count
            let next = LongQuestion()
            next.ask(house)
            await nextMillisecond()
            question.end()
            question = next
            largest = max(largest, logSize(house))
        }
        question.end()
        #expect(written > 130 << 20)
        #expect(largest > 60 << 20, "the readers did not starve anybody, and the test shows nothing")
        #expect(largest < 80 << 20)
        // Not in the close: all tests share the loop that it stands on.
        await withCheckedContinuation { continuation in house.ledger.scrub { continuation.resume() } }
        try house.ledger.close()
    }

    // MARK: Scrubbing

    @Test @LoopActor func whatWasDeletedLeavesTheFiles() async throws {
        let house = try House()
        let secret = "the secret that must go"
        #expect(await house.commit(house.batch(200, sealed: true, text: secret)))
        try house.ledger.writer.connection.execute("DELETE FROM ai_agent_run_deltas")
        #expect(contains(secret, house), "the log still has it")
        await withCheckedContinuation { continuation in house.ledger.scrub { continuation.resume() } }
        #expect(logSize(house) == 0)
        #expect(!contains(secret, house))
        try house.ledger.close()
    }

    /// In the C library: the loop that all tests share must not stand still for this.
    private func contains(_ text: String, _ house: House) -> Bool {
        ["", "-wal"].contains { ending in
            // A string of C ends at the first NUL, and pages have many.
            var bytes = TemporaryDirectory.bytes(of: house.database + ending).map {
                $0 == 0 ? 1 : CChar(bitPattern: $0)
            }
            bytes.append(0)
            return strstr(bytes, text) != nil
        }
    }

    @Test @LoopActor func aForeignReaderHoldsUpAScrubForTwoSecondsAndItIsDoneAfterwards() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(200, sealed: true)))
        let foreign = try Connection(path: house.database, isReader: true)
        try foreign.execute("BEGIN; SELECT count(*) FROM ai_agent_run_deltas")
        #expect(await house.commit(house.batch(200, sealed: true, from: 500)))
        let started = ContinuousClock.now
        await withCheckedContinuation { continuation in house.ledger.scrub { continuation.resume() } }
        #expect(ContinuousClock.now - started >= .seconds(2))
        #expect(logSize(house) > 0)
        // Meanwhile everything goes on.
        #expect(await house.commit(house.batch(1, sealed: true, from: 900)))
        #expect((try? await house.read(.list(ListCommand())).get()) != nil)
        try foreign.execute("COMMIT")
        #expect(await eventually { logSize(house) == 0 })
        try house.ledger.close()
    }

    @Test @LoopActor func aQuestionUnderWayEndsBeforeTheLogIsEmptied() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(200, sealed: true)))
        let question = LongQuestion()
        question.ask(house)
        #expect(await eventually { question.hasBegun.load(ordering: .acquiring) })
        var isDone = false
        house.ledger.scrub { isDone = true }
        // A page waits now; a decision does not.
        var page: Result<[UInt8], AgentError>?
        house.ledger.read(.list(ListCommand()), isWanted: { true }) { page = $0 }
        let facts = await withCheckedContinuation { continuation in
            house.ledger.admission(AdmissionQuery(sessionID: nil, runID: RunID(trusted: "r1"), turns: 1)) {
                continuation.resume(returning: $0)
            }
        }
        #expect((try? facts.get()) != nil)
        #expect(!isDone && page == nil)
        question.end()
        #expect(await eventually { isDone && page != nil })
        #expect(logSize(house) == 0)
        try house.ledger.close()
    }

    @Test @LoopActor func whatNobodyWantsAnyMoreIsNotRead() async throws {
        let house = try House()
        let questions = [LongQuestion(), LongQuestion()]
        for question in questions { question.ask(house) }
        #expect(await eventually { questions.allSatisfy { $0.hasBegun.load(ordering: .acquiring) } })
        var isThere = true
        var answers: [Result<[UInt8], AgentError>] = []
        house.ledger.read(.list(ListCommand()), isWanted: { isThere }) { answers.append($0) }
        house.ledger.read(.list(ListCommand()), isWanted: { true }) { answers.append($0) }
        isThere = false
        for question in questions { question.end() }
        #expect(await eventually { answers.count == 2 })
        #expect(answers.map { (try? $0.get()) != nil } == [false, true])
        try house.ledger.close()
    }

    @Test @LoopActor func commitsAndQuestionsGoOnAroundAScrub() async throws {
        let house = try House()
        var (scrubs, pages) = (0, 0)
        for round in 0..<30 as Range<Int64> {
            house.ledger.scrub { scrubs += 1 }
            house.ledger.read(.list(ListCommand()), isWanted: { true }) { if case .success = $0 { pages += 1 } }
            #expect(await house.commit(house.batch(2, sealed: round % 2 == 0, from: 1 + round * 10)))
        }
        #expect(await eventually { scrubs == 30 && pages == 30 })
        #expect(try house.countEvents() == 75)
        try house.ledger.close()
    }

    // MARK: The end

    @Test @LoopActor func aCloseLeavesNoLog() async throws {
        let house = try House()
        #expect(!house.ledger.wasLeftOpen)
        #expect(await house.commit(house.batch(500, sealed: true)))
        #expect(logSize(house) > 0)
        try house.ledger.close()
        #expect(access(house.database + "-wal", F_OK) != 0)
        #expect(access(house.database + "-shm", F_OK) != 0)
        let next = try Ledger(path: house.database)
        #expect(!next.wasLeftOpen)
        try next.close()
    }
}
