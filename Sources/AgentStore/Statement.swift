internal import CSQLite

/// One prepared statement: bind, step, read, reset.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let sql: String

    init(_ handle: OpaquePointer, of connection: OpaquePointer, sql: String) {
        self.handle = handle
        self.connection = connection
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Binding (columns count from 1, as in SQL)

    func bind(_ index: Int32, _ value: Int64?) {
        guard let value else { return bindNull(index) }
        check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ index: Int32, _ value: Double?) {
        guard let value else { return bindNull(index) }
        check(sqlite3_bind_double(handle, index, value))
    }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else { return bindNull(index) }
        value.withUTF8 { utf8 in
            check(bindText(index, UnsafeRawBufferPointer(utf8), agentd_sqlite_transient()))
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        guard let value else { return bindNull(index) }
        value.withUnsafeBytes { check(bindText(index, $0, agentd_sqlite_transient())) }
    }

    func bindBlob(_ index: Int32, _ value: [UInt8]?) {
        guard let value else { return bindNull(index) }
        value.withUnsafeBytes {
            check(sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), agentd_sqlite_transient()))
        }
    }

    func bind(_ index: Int32, _ value: Bool) { bind(index, Int64(value ? 1 : 0)) }

    /// Binds bytes without copying them: they must stay where they are until the statement is reset.
    func bindInPlace(_ index: Int32, _ utf8: UnsafeRawBufferPointer) { check(bindText(index, utf8, nil)) }

    private func bindText(
        _ index: Int32, _ utf8: UnsafeRawBufferPointer, _ destructor: sqlite3_destructor_type?
    ) -> Int32 {
        // An empty buffer may have no address, and no address would mean NULL.
        guard let base = utf8.baseAddress else { return sqlite3_bind_text64(handle, index, "", 0, nil, encoding) }
        return sqlite3_bind_text64(
            handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(utf8.count), destructor, encoding)
    }

    private var encoding: UInt8 { UInt8(SQLITE_UTF8) }

    private func bindNull(_ index: Int32) { check(sqlite3_bind_null(handle, index)) }

    /// Binding fails only for a wrong index, a text beyond SQLite's limit of 1 GB, or no memory: bounded away before.
    private func check(_ code: Int32) { precondition(code == SQLITE_OK, "binding failed: \(code) in \(sql)") }

    // MARK: Running

    /// Runs to the end and resets.
    func run() throws(StoreError) {
        defer { sqlite3_reset(handle) }
        while try step() {}
    }

    /// Steps to the next row; false at the end.
    func step() throws(StoreError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw StoreError(sql, code: code, on: connection)
        }
    }

    /// Makes the statement ready for the next time.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Reads every row, at most as many as the statement's own LIMIT gives.
    func rows<Row>(_ read: (Statement) throws(StoreError) -> Row) throws(StoreError) -> [Row] {
        defer { reset() }
        var rows: [Row] = []
        while try step() { rows.append(try read(self)) }
        return rows
    }

    /// Reads the first row; nil when there is none.
    func first<Row>(_ read: (Statement) throws(StoreError) -> Row) throws(StoreError) -> Row? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    // MARK: Reading (columns count from 0, as in SQLite)

    func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }

    /// Whether the column holds an integer, and not something that could be read as one.
    func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_INTEGER }

    func double(_ column: Int32) -> Double? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_double(handle, column)
    }

    func text(_ column: Int32) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    func blob(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
        return Array(bytes)
    }

    /// A column's bytes, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer? {
        guard let base = sqlite3_column_text(handle, column) else { return nil }
        return UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
