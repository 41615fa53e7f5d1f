import AgentLoop
import AgentTestKit
import Glibc
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct LedgerBackupTests {
    init() { LoopFixture.start() }

    private func copy(
        _ path: String, to directory: TemporaryDirectory, isWanted: @escaping () -> Bool = { true }
    ) throws -> (copy: LedgerBackup, path: String) {
        let target = try directory.write("copy.db")
        return (try LedgerBackup(of: path, into: target, isWanted: isWanted), target)
    }

    private func kind(_ body: () throws -> Void) -> StoreError.Kind? {
        do {
            try body()
            return nil
        } catch { return (error as? StoreError)?.kind }
    }

    @Test @LoopActor func holdsWhatIsCommittedAndNothingThatComesLater() async throws {
        let house = try House()
        let batch = LedgerBatch()
        batch.addSession("s1")
        batch.addRun("r1", session: "s1")
        batch.addMessage("m1", session: "s1", run: "r1", position: 1)
        #expect(await house.commit(batch))
        let place = try TemporaryDirectory()
        var looks = 0
        let made = try copy(house.database, to: place) {
            looks += 1
            if looks == 1 { house.ledger.commit(house.batch(10, from: 100)) }
            return true
        }
        #expect(house.committed.count == 2, "a commit while the copy is made is not held up")
        #expect(looks > 0 && made.copy.sessions == 1 && made.copy.runs == 1 && made.copy.messages == 1)
        #expect(
            try Connection(path: made.path, isReader: true).prepare("SELECT count(*) FROM ai_agent_run_deltas")
                .first { $0.integer(0) } == 0)
        #expect(place.names == ["copy.db"], "nothing but the copy is left")
        #expect(made.copy.bytes == Int64(TemporaryDirectory.bytes(of: made.path).count))
        try house.ledger.close()
    }

    @Test @LoopActor func aLedgerCanBeOpenedFromIt() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(100, sealed: true)))
        let place = try TemporaryDirectory()
        let made = try copy(house.database, to: place)
        try house.ledger.close()
        let next = try Ledger(path: made.path)
        #expect(!next.wasLeftOpen)
        try next.close()
    }

    @Test @LoopActor func aClosedLedgerIsCopiedAsWell() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(100, sealed: true)))
        try house.ledger.close()
        _ = try copy(house.database, to: try TemporaryDirectory())
    }

    @Test @LoopActor func oneThatIsNotWantedAnyMoreIsGivenUp() async throws {
        let house = try House()
        let place = try TemporaryDirectory()
        #expect(kind { _ = try copy(house.database, to: place, isWanted: { false }) } == .interrupted)
        try house.ledger.close()
    }

    @Test func whatIsNoLedgerIsRefused() throws {
        let place = try TemporaryDirectory()
        let text = try place.write("text", String(repeating: "no database ", count: 1000))
        let empty = try place.write("empty")
        for path in [text, empty] {
            #expect(kind { _ = try copy(path, to: try TemporaryDirectory()) } == .damaged, "\(path)")
        }
        #expect(kind { _ = try copy(place.file("missing"), to: try TemporaryDirectory()) } != nil)
    }

    @Test @LoopActor func aDamagedOneIsNoticed() async throws {
        let house = try House()
        #expect(await house.commit(house.batch(2000, sealed: true, text: String(repeating: "x", count: 500))))
        try house.ledger.close()
        let file = try #require(fopen(house.database, "r+"))
        fseek(file, 40 * 4096, SEEK_SET)
        fwrite([UInt8](repeating: 0xFF, count: 4096), 1, 4096, file)
        fclose(file)
        #expect(kind { _ = try copy(house.database, to: try TemporaryDirectory()) } == .damaged)
    }
}
