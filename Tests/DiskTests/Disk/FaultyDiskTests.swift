import AgentTestKit
import CSQLite
import Glibc
import Testing

@Suite("A disk that fails as told")
struct FaultyDiskTests {
    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private var path: String { directory.file("plain.db") }

    init() throws {
        directory = try TemporaryDirectory()
        disk = try FaultyDisk(directory.path)
    }

    private func open() throws -> PlainDatabase {
        let database = try PlainDatabase(path)
        #expect(database.run("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x)") == SQLITE_OK)
        return database
    }

    @Test("fails the call that is named, and only that one")
    func failsOneCall() throws {
        let database = try open()
        disk.fail(DiskFault(.sync, nth: 2))
        let codes = (0..<4).map { _ in database.run("INSERT INTO t VALUES (1)") }
        #expect(codes == [SQLITE_OK, SQLITE_IOERR | 4 << 8, SQLITE_OK, SQLITE_OK])
        #expect(disk.failures == 1)
        disk.fail(DiskFault(.write, nth: 1, failure: .full))
        #expect(database.run("INSERT INTO t VALUES (1)") == SQLITE_FULL)
        #expect(database.text("SELECT count(*) FROM t") == "3")
    }

    @Test("fails for good, until it is healed")
    func failsForGood() throws {
        let database = try open()
        disk.fail(DiskFault(.write, nth: 1, isForGood: true))
        for _ in 0..<3 { #expect(database.run("INSERT INTO t VALUES (1)") == SQLITE_IOERR | 3 << 8) }
        disk.heal()
        #expect(database.run("INSERT INTO t VALUES (1)") == SQLITE_OK)
        disk.kill()
        #expect(database.run("INSERT INTO t VALUES (1)") & 0xFF == SQLITE_IOERR)
    }

    @Test("writes half of what it tears")
    func tears() throws {
        let database = try open()
        try disk.record()
        disk.fail(DiskFault(.write, nth: 2, failure: .torn))
        #expect(database.run("INSERT INTO t VALUES (1)") == SQLITE_IOERR | 3 << 8)
        let sizes = disk.recording.operations.map { operation in
            if case .written(let bytes, _) = operation.kind { bytes.count } else { 0 }
        }
        #expect(sizes == [24, 2048], "the head of a frame, and half of its page")
    }

    @Test("leaves every other file alone")
    func leavesOthersAlone() throws {
        disk.fail(DiskFault(.write, nth: 1, isForGood: true))
        let elsewhere = try TemporaryDirectory()
        let database = try PlainDatabase(elsewhere.file("plain.db"))
        #expect(database.run("CREATE TABLE t (x); INSERT INTO t VALUES (1)") == SQLITE_OK)
        // A name that only begins like the disk's is another directory.
        let neighbour = try PlainDatabase(directory.path + "-neighbour.db")
        defer { remove(directory.path + "-neighbour.db") }
        #expect(neighbour.run("CREATE TABLE t (x)") == SQLITE_OK)
        #expect(disk.calls == 0)
    }

    @Test("counts the connections that write")
    func countsWriters() throws {
        let one = try open()
        let other = try PlainDatabase(path)
        #expect(other.text("SELECT count(*) FROM t") == "0")
        #expect(disk.writers == 1, "reading is not writing")
        #expect(other.run("INSERT INTO t VALUES (1)") == SQLITE_OK)
        #expect(disk.writers == 2)
        let third = try PlainDatabase(path)
        #expect(third.run("PRAGMA wal_checkpoint") == SQLITE_OK)
        #expect(disk.writers == 3, "a checkpoint is writing")
        withExtendedLifetime(one) {}
    }

    /// The layer's own proof: what SQLite promises at each level is kept, and what it does not promise is lost.
    @Test("shows what each level of syncing is worth", arguments: ["FULL", "NORMAL", "OFF"])
    func showsWhatSyncingIsWorth(level: String) throws {
        let database = try open()
        try disk.record()
        #expect(database.run("PRAGMA synchronous = \(level); PRAGMA wal_autocheckpoint = 8") == SQLITE_OK)
        var acknowledged = [disk.position]
        for _ in 1...60 {
            #expect(database.run("INSERT INTO t VALUES (hex(zeroblob(500)))") == SQLITE_OK)
            acknowledged.append(disk.position)
        }
        let recording = disk.recording
        var (corrupt, lost) = (0, 0)
        var random = SeededRandom(seed: 11)
        for _ in 0..<400 {
            let point = random.below(recording.operations.count + 1)
            let files = recording.files(at: point, random.pick(PowerCut.Mode.allCases), seed: random.next())
            let place = try TemporaryDirectory()
            for file in files { try file.write(to: place.path) }
            let left = try PlainDatabase(place.file("plain.db"))
            let isWhole = left.text("PRAGMA integrity_check") == "ok"
            let count = left.text("SELECT count(*) FROM t").flatMap { Int($0) }
            if !isWhole || count == nil { corrupt += 1 }
            let expected = acknowledged.lastIndex { $0 <= point } ?? 0
            if let count, count < expected { lost += 1 }
        }
        print("power, plain SQLite: \(level): 400 states, \(corrupt) corrupt, \(lost) lost an acknowledged row")
        #expect((corrupt > 0) == (level == "OFF"))
        #expect((lost > 0) == (level != "FULL"))
    }
}
