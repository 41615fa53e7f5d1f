import AgentTestKit
import Testing

@testable import AgentStore

@Suite struct MigrationsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func schema() throws -> [String] {
        try Connection(path: directory.database, isReader: true)
            .prepare("SELECT sql FROM sqlite_master ORDER BY name").rows { $0.text(0) ?? "" }
    }

    private func prepare(_ sql: String...) throws {
        let connection = try Connection(path: directory.database, isReader: false)
        for line in sql { try connection.execute(line) }
    }

    private func refusal() -> StoreError? {
        #expect(throws: StoreError.self) { try LedgerWriter(path: directory.database) }
    }

    @Test func makesEverythingFromNothing() throws {
        let writer = try LedgerWriter(path: directory.database)
        let names = try writer.connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            .rows { $0.text(0) ?? "" }
        #expect(
            names == [
                "ai_agent_ledger", "ai_agent_messages", "ai_agent_requirements", "ai_agent_run_deltas",
                "ai_agent_run_events", "ai_agent_runs",
                "ai_agent_sessions",
            ])
        let version = try writer.connection.prepare("PRAGMA user_version").first { $0.integer(0) }
        let owner = try writer.connection.prepare("PRAGMA application_id").first { $0.integer(0) }
        #expect(version == Migrations.current)
        #expect(owner == Pragmas.applicationID)
    }

    @Test func openingAgainChangesNothing() throws {
        do {
            let writer = try LedgerWriter(path: directory.database)
            try writer.connection.execute("INSERT INTO ai_agent_ledger VALUES ('kept', 7)")
        }
        let before = try schema()
        for _ in 0..<3 {
            let writer = try LedgerWriter(path: directory.database)
            #expect(try writer.connection.prepare("SELECT value FROM ai_agent_ledger").first { $0.integer(0) } == 7)
        }
        #expect(try schema() == before)
    }

    @Test func aFileOfANewerDaemonIsRefused() throws {
        do { _ = try LedgerWriter(path: directory.database) }
        try prepare("PRAGMA user_version = 99")
        let error = refusal()
        #expect(error?.operation == "migrate")
        #expect(error?.message.contains("version 99") == true)
    }

    @Test func aFileOfAnotherProgramIsRefusedAndLeftAsItIs() throws {
        try prepare("PRAGMA application_id = 4711", "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('mine')")
        let before = TemporaryDirectory.bytes(of: directory.database)
        #expect(refusal()?.message == "the database belongs to another program")
        let isUntouched = TemporaryDirectory.bytes(of: directory.database) == before
        #expect(isUntouched)
    }

    /// Most programs do not mark their files.
    @Test func aFileWithTablesThatAreNotOursIsRefusedAndLeftAsItIs() throws {
        try prepare("CREATE TABLE notes (text)")
        let before = TemporaryDirectory.bytes(of: directory.database)
        #expect(refusal()?.message == "the database belongs to another program")
        let isUntouched = TemporaryDirectory.bytes(of: directory.database) == before
        #expect(isUntouched)
    }

    @Test func aVersionWithoutOurMarkIsRefused() throws {
        try prepare("PRAGMA user_version = 1")
        #expect(refusal()?.message == "the database belongs to another program")
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        try prepare("CREATE TABLE notes (text)")
        let connection = try Connection(path: directory.database, isReader: false)
        try connection.execute("PRAGMA writable_schema = ON")
        try connection.execute("UPDATE sqlite_master SET sql = 'no sql'")
        #expect(refusal() != nil)
    }
}
