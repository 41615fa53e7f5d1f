internal import CSQLite

/// One SQLite connection and its prepared statements.
///
/// Opened without SQLite's own mutex: whoever holds the connection is the only one to use it.
final class Connection {
    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Before the first connection of the process; SQLite refuses it later, and that changes nothing but speed.
    private static let isConfigured = agentd_sqlite_uncount_memory() == SQLITE_OK

    /// Opens a database file; a reader can never write.
    init(path: String, isReader: Bool) throws(StoreError) {
        _ = Self.isConfigured
        let flags = isReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            guard let opened else { throw StoreError("open \(path)", code: code, message: "out of memory") }
            throw StoreError("open \(path)", code: code, on: opened)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs SQL that returns no row of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(sql, code) }
    }

    /// A statement that is kept for the next time the same SQL is asked for.
    func statement(_ sql: String) throws(StoreError) -> Statement {
        if let known = statements[sql] { return known }
        let made = try prepare(sql)
        statements[sql] = made
        return made
    }

    /// A statement of the caller's own.
    func prepare(_ sql: String) throws(StoreError) -> Statement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw error(sql, code) }
        return Statement(prepared, of: handle, sql: sql)
    }

    /// Runs a closure in a transaction; what it throws undoes everything.
    func transaction<Value>(
        _ begin: String = "BEGIN IMMEDIATE", _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try statement(begin).run()
        do throws(StoreError) {
            let value = try body()
            try statement("COMMIT").run()
            return value
        } catch {
            // The first error is the one to report; a failed rollback means that SQLite has rolled back already.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    private func error(_ operation: String, _ code: Int32) -> StoreError {
        StoreError(operation, code: code, on: handle)
    }
}
