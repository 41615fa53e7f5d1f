import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@testable import AgentStore

/// A full disk, played by a limit on the file's pages: SQLite says the same as on a disk that is full.
@Suite("A ledger on a full disk") struct LedgerStorageTests {
    init() { LoopFixture.start() }

    /// More text than the pages that are left can hold.
    @LoopActor private func large(of house: House, from seq: Int64 = 1, sealed: Bool = false) -> LedgerBatch {
        house.batch(20, sealed: sealed, from: seq, text: String(repeating: "x", count: 4000))
    }

    private func hasReserve(_ house: House) -> Bool {
        TemporaryDirectory.size(house.directory.file("agentd.reserve")) == Int(DiskReserve.bytes)
    }

    @Test(arguments: [false, true]) @LoopActor
    func keepsTheBatchThatDidNotFitAndCommitsItLater(sealed: Bool) async throws {
        let house = try House()
        #expect(hasReserve(house))
        try house.limitPages(0)
        let batch = large(of: house, sealed: sealed)
        house.ledger.commit(batch)
        #expect(await eventually { house.ledger.stuck != nil })
        #expect(house.conditions == [.full])
        #expect(house.committed.isEmpty && house.failures.isEmpty)
        #expect(!hasReserve(house))
        #expect(try house.countEvents() == 0)
        #expect(try #require(house.ledger.lastError).text.contains("full"))

        // While it waits it is tried again and again, and what can be read is read.
        await afterMilliseconds(600)
        #expect(house.committed.isEmpty && house.conditions == [.full])
        #expect((try? await house.read(.list(ListCommand())).get()) != nil)

        // Touched only while nobody else has the connection.
        #expect(await eventually { !house.ledger.isAway })
        try house.limitPages(nil)
        #expect(await eventually { house.conditions == [.full, .writable] })
        #expect(house.committed.map(ObjectIdentifier.init) == [ObjectIdentifier(batch)])
        #expect(hasReserve(house))
        #expect(await house.commit(house.batch(1, from: 100)))
        #expect(
            try house.countEvents() == (sealed ? 22 : 21))
        try house.ledger.close()
    }

    @Test @LoopActor func whatComesAfterABatchThatWaitsKeepsItsPlace() async throws {
        let house = try House()
        try house.limitPages(0)
        let first = large(of: house)
        let second = house.batch(1, from: 50)
        house.ledger.commit(first)
        house.ledger.commit(second)
        #expect(await eventually { house.ledger.stuck != nil && !house.ledger.isAway })
        try house.limitPages(nil)
        #expect(await eventually { house.committed.count == 2 })
        #expect(house.committed.map(ObjectIdentifier.init) == [first, second].map(ObjectIdentifier.init))
        try house.ledger.close()
    }

    @Test @LoopActor func writesAtTheCloseWhatWaited() async throws {
        let house = try House()
        try house.limitPages(0)
        house.ledger.commit(large(of: house))
        #expect(await eventually { house.ledger.stuck != nil && !house.ledger.isAway })
        try house.limitPages(nil)
        try house.ledger.close()
        #expect(try house.countEvents() == 20)
    }

    @Test @LoopActor func saysSoToWhoeverBeginsToListenLater() async throws {
        let house = try House()
        try house.limitPages(0)
        house.ledger.commit(large(of: house))
        #expect(await eventually { house.ledger.stuck != nil && !house.ledger.isAway })
        var heard: [StorageCondition] = []
        house.ledger.storageChanged = { heard.append($0) }
        #expect(heard == [.full])
        try house.limitPages(nil)
        #expect(await eventually { heard == [.full, .writable] })
        try house.ledger.close()
    }
}

/// The same on a file system that is really full.
@Suite(
    "A ledger on a small file system",
    .enabled(if: SmallFileSystem.isPossible, "this user may not mount a file system of a few MiB"))
struct SmallFileSystemTests {
    private let directory: TemporaryDirectory
    private let disk: SmallFileSystem

    init() throws {
        LoopFixture.start()
        directory = try TemporaryDirectory()
        disk = try SmallFileSystem(at: directory.file("disk"), mebibytes: 40)
    }

    private var reserve: String { disk.path + "/agentd.reserve" }

    @Test @LoopActor func whatDoesNotFitGoesIntoTheReserve() async throws {
        let house = try House(in: disk.path)
        disk.fill()
        let batch = house.batch(100, sealed: true, text: String(repeating: "x", count: 4000))
        #expect(await house.commit(batch))
        #expect(house.conditions == [.full] && house.failures.isEmpty)
        #expect(TemporaryDirectory.size(reserve) == 0)
        // It is not written again before there is room for more than the reserve.
        disk.empty()
        #expect(await eventually { house.conditions == [.full, .writable] })
        #expect(TemporaryDirectory.size(reserve) == Int(DiskReserve.bytes))
        try house.ledger.close()
    }

    @Test @LoopActor func fullIsDeclaredBeforeACommitFails() async throws {
        let house = try House(in: disk.path)
        disk.fill(leaving: Int(DiskReserve.bytes) - 65_536)
        #expect(await house.commit(house.batch(1)))
        #expect(await eventually { house.conditions == [.full] })
        #expect(TemporaryDirectory.size(reserve) == Int(DiskReserve.bytes), "the reserve is kept until it is needed")
        disk.empty()
        #expect(await eventually { house.conditions == [.full, .writable] })
        try house.ledger.close()
    }

    @Test @LoopActor func aCheckpointWithoutRoomIsMadeLater() async throws {
        let house = try House(in: disk.path)
        #expect(await house.commit(house.batch(500, sealed: true, text: String(repeating: "x", count: 4000))))
        disk.fill()
        house.ledger.scrub {}
        #expect(await eventually { house.conditions == [.full] })
        #expect(house.failures.isEmpty)
        disk.empty()
        #expect(await eventually { TemporaryDirectory.size(house.database + "-wal") == 0 })
        #expect(try house.countEvents() == 501)
        #expect(await eventually { house.conditions.last == .writable })
        try house.ledger.close()
    }

    @Test @LoopActor func aStartWithoutRoomForTheReserveIsAStartInFull() async throws {
        try House(in: disk.path).ledger.close()
        unlink(reserve)
        disk.fill(leaving: 1 << 20)
        let house = try House(in: disk.path)
        #expect(house.conditions == [.full])
        #expect((try? await house.read(.list(ListCommand())).get()) != nil)
        disk.empty()
        #expect(await eventually { house.conditions == [.full, .writable] })
        try house.ledger.close()
    }

    @Test @LoopActor func recoveryHasTheReserveOfTheLastProcess() throws {
        try House(in: disk.path).ledger.close()
        disk.fill()
        let house = try House(in: disk.path)
        let batch = house.batch(100, sealed: true, text: String(repeating: "x", count: 4000))
        try house.ledger.commitNow(batch)
        #expect(try house.countEvents() == 101)
        #expect(house.conditions == [.full])
        try house.ledger.close()
    }

    @Test @LoopActor func aRecoveryThatDoesNotEvenFitTheReserveIsRefused() throws {
        let house = try House(in: disk.path)
        disk.fill()
        let batch = house.batch(3000, sealed: true, text: String(repeating: "x", count: 4000))
        let error = #expect(throws: StoreError.self) { try house.ledger.commitNow(batch) }
        #expect(error?.kind == .full)
        #expect(error?.message == "the disk is full")
        disk.empty()
        try house.ledger.close()
    }
}
