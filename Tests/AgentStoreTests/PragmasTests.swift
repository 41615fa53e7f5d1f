import AgentTestKit
import Testing

@testable import AgentStore

@Suite struct PragmasTests {
    @Test func everySettingHolds() throws {
        let directory = try TemporaryDirectory()
        let connection = try Connection(path: directory.database, isReader: false)
        try Pragmas.apply(to: connection, isReader: false)
        for (name, value) in [
            ("journal_mode", "wal"), ("synchronous", "2"), ("wal_autocheckpoint", "0"), ("secure_delete", "1"),
            ("trusted_schema", "0"),
        ] {
            #expect(try connection.prepare("PRAGMA \(name)").first { $0.text(0) } == value)
        }
    }

    @Test func everySettingOfAReaderHolds() throws {
        let cellar = try Cellar()
        for (name, value) in [
            ("query_only", "1"), ("mmap_size", "0"), ("temp_store", "2"), ("cache_size", "-2048"),
            ("trusted_schema", "0"),
        ] {
            #expect(try cellar.reader.connection.prepare("PRAGMA \(name)").first { $0.text(0) } == value)
        }
    }

    /// A database in memory cannot have a write-ahead log, and SQLite says so only to those who ask.
    @Test func aSettingThatDoesNotHoldRefusesToStart() throws {
        let error = #expect(throws: StoreError.self) { try LedgerWriter(path: ":memory:") }
        #expect(error?.operation == "PRAGMA journal_mode")
        #expect(error?.message == "is memory after setting it to WAL")
    }
}
