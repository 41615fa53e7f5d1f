import AgentTestKit
import CSQLite

/// A database of a test, without any of our own code above SQLite.
final class PlainDatabase {
    private var handle: OpaquePointer?

    init(_ path: String) throws(TestFailure) {
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK else {
            throw TestFailure("open \(path): \(String(cString: sqlite3_errmsg(handle)))")
        }
    }

    deinit { close() }

    func close() {
        sqlite3_close(handle)
        handle = nil
    }

    /// Runs statements; returns SQLite's code.
    func run(_ sql: String) -> Int32 {
        sqlite3_extended_result_codes(handle, 1)
        return sqlite3_exec(handle, sql, nil, nil, nil)
    }

    /// The first column of a query's only row.
    func text(_ sql: String) -> String? {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { return nil }
        return sqlite3_column_text(statement, 0).map { String(cString: $0) }
    }
}
