import AgentTestKit
import CSQLite
import Testing

@testable import AgentStore

/// How the ledger's log is written: in few writes, and with nothing missing when a commit has ended.
@Suite("What goes into the log together")
struct LogBufferTests {
    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private let connection: Connection
    private let buffer: LogBuffer

    init() throws {
        directory = try TemporaryDirectory()
        disk = try FaultyDisk(directory.path)
        try disk.record()
        connection = try Connection(path: directory.file("log.db"), isReader: false)
        try connection.execute(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x INTEGER PRIMARY KEY, text)")
        buffer = try LogBuffer.install(on: connection.handle)
    }

    private func setLevel(sealed: Bool) throws {
        try connection.execute("PRAGMA synchronous = \(sealed ? "FULL" : "NORMAL")")
        buffer.isSealed = sealed
    }

    /// What was done to the log since a moment: the size of each write, and 0 for a sync.
    private func log(since position: Int) -> [Int] {
        disk.recording.operations[position...].filter { $0.file == "log.db-wal" }.map { operation in
            if case .written(let bytes, _) = operation.kind { bytes.count } else { 0 }
        }
    }

    private func insert(_ rows: Range<Int>) throws(StoreError) {
        for row in rows { try connection.execute("INSERT INTO t VALUES (\(row), hex(zeroblob(500)))") }
    }

    @Test("A page goes with its header, and a sealed transaction as a whole before its sync")
    func writesTogether() throws {
        let page = 24 + 4096
        try setLevel(sealed: false)
        var position = disk.position
        try insert(0..<1)
        #expect(log(since: position) == [page])
        // Also when the log has begun anew, with a header of its own and a sync of that.
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        position = disk.position
        for row in 300..<302 { try insert(row..<row + 1) }
        #expect(log(since: position) == [32, 0, page, page])
        try setLevel(sealed: true)
        position = disk.position
        try connection.transaction { () throws(StoreError) in try insert(1..<21) }
        let sealed = log(since: position)
        #expect(sealed.count == 2 && sealed[0] > 5 * page && sealed[0] % page == 0 && sealed[1] == 0)
    }

    /// A transaction that is larger than the page cache writes some pages twice. SQLite then corrects the checksums of
    /// all that follow, in headers whose pages it does not write again.
    @Test("Pages that a transaction writes twice are whole after a crash", arguments: [true, false])
    func rewritesPages(isSealed: Bool) throws {
        try setLevel(sealed: isSealed)
        try connection.execute("PRAGMA cache_size = 10")
        try connection.transaction { () throws(StoreError) in
            try insert(0..<400)
            try connection.execute("UPDATE t SET text = 'again' || substr(text, 5)")
        }
        let place = try TemporaryDirectory()
        for file in disk.recording.files(at: disk.position, .kept, seed: 1) { try file.write(to: place.path) }
        let left = try PlainDatabase(place.file("log.db"))
        #expect(left.text("PRAGMA integrity_check") == "ok")
        #expect(left.text("SELECT count(*) FROM t WHERE text LIKE 'again%'") == "400")
    }

    /// Of many rows, more waits than is kept: some is written before the sync.
    @Test(
        "A write that fails later than it was asked for fails the commit, and the next one is whole",
        arguments: [(true, 1), (true, 300), (false, 1), (false, 300)])
    func reportsErrors(isSealed: Bool, rows: Int) throws {
        try setLevel(sealed: isSealed)
        try insert(0..<1)
        disk.fail(DiskFault(.write, nth: 1, failure: .full))
        #expect(throws: StoreError.self) {
            try connection.transaction { () throws(StoreError) in try insert(1..<1 + rows) }
        }
        #expect(disk.failures == 1)
        try insert(1000..<1001)
        #expect(try contents() == "ok 0,1000")
    }

    /// SQLite undoes a transaction when a write fails, and not always when a read does.
    @Test("What a read could not write goes on waiting")
    func keepsWhatAReadCouldNotWrite() throws {
        try connection.execute("CREATE TABLE u (x INTEGER PRIMARY KEY, text UNIQUE); PRAGMA cache_size = 10")
        try connection.execute("BEGIN IMMEDIATE")
        try insert(0..<36)
        disk.fail(DiskFault(.write, nth: 1, failure: .full))
        let failed = sqlite3_exec(connection.handle, "INSERT INTO u SELECT x, text || x FROM t", nil, nil, nil)
        disk.heal()
        #expect(failed == SQLITE_FULL && sqlite3_get_autocommit(connection.handle) == 0)
        try connection.execute("COMMIT")
        #expect(try contents() == "ok " + (0..<36).map(String.init).joined(separator: ","))
    }

    /// What somebody else finds in the file.
    private func contents() throws -> String? {
        let fresh = try PlainDatabase(directory.file("log.db"))
        return fresh.text("SELECT (SELECT * FROM pragma_integrity_check) || ' ' || group_concat(x) FROM t")
    }

    /// Whoever writes next, be it another process, writes where the pages of the undone transaction would have gone.
    @Test("What waits of a transaction that is undone is forgotten", arguments: 30..<60)
    func forgetsWhatIsUndone(rows: Int) throws {
        try connection.execute("PRAGMA cache_size = 10; PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(throws: StoreError.self) {
            try connection.transaction { () throws(StoreError) in
                try insert(0..<rows)
                try connection.execute("no SQL")
            }
        }
        let foreign = try PlainDatabase(directory.file("log.db"))
        let hundred = "WITH n(x) AS (VALUES (101) UNION ALL SELECT x + 1 FROM n WHERE x < 200)"
        #expect(foreign.run("\(hundred) INSERT INTO t SELECT x, hex(zeroblob(500)) FROM n") == SQLITE_OK)
        try insert(300..<301)
        #expect(try contents() == "ok " + [Int](101...200).map(String.init).joined(separator: ",") + ",300")
    }
}
