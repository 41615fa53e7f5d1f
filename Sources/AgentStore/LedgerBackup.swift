internal import CSQLite

/// A copy of a ledger as it is at one moment, made and verified while a daemon goes on writing it.
///
/// The ledger is only read: the copy is a reader's view, and no other process ever writes or checkpoints the file. While
/// it is made the log grows and cannot be emptied, so a `delete` is answered with the delay that foreign readers cost.
public struct LedgerBackup: Sendable {
    /// Bytes of the copy.
    public let bytes: Int64
    /// Conversations in it.
    public let sessions: Int64
    /// Runs in it.
    public let runs: Int64
    /// Messages in it.
    public let messages: Int64

    /// How long the daemon may be at something that keeps readers out: opening the file, or its last close.
    private static let patienceMilliseconds: Int32 = 5000
    /// Pages between two looks whether the copy is still wanted: 4 MiB.
    private static let pagesPerLook: Int32 = 1024
    /// Virtual machine steps between two such looks while the copy is verified.
    private static let stepsPerLook: Int32 = 100_000

    /// Copies the ledger at a path into an empty file, and looks through the whole of the copy.
    ///
    /// - Throws: `StoreError`; of kind `damaged` when there is no ledger, when it is not whole or when the copy is not.
    public init(of path: String, into target: String, isWanted: @escaping () -> Bool) throws(StoreError) {
        let source = try Connection(path: path, isReader: true)
        sqlite3_busy_timeout(source.handle, Self.patienceMilliseconds)
        try Pragmas.apply(to: source, isReader: true)
        try Migrations.check(source)
        guard try source.prepare("PRAGMA user_version").first({ $0.integer(0) ?? 0 }) != 0 else {
            throw StoreError("copy \(path)", code: SQLITE_NOTADB, message: "there is no ledger in it")
        }
        let copy = try Connection(path: target, isReader: false)
        try PageScrubber.install(on: copy.handle)
        // Until it is published nobody misses it: a journal would only be left behind.
        try copy.execute("PRAGMA journal_mode = OFF")
        try copy.execute("PRAGMA synchronous = OFF")
        try Self.copy(source, copy, isWanted)
        // One file, which can also be looked at where nothing can be written. A daemon that gets it sets it up again.
        guard try copy.prepare("PRAGMA journal_mode = DELETE").first({ $0.text(0) ?? "" }) == "delete" else {
            throw StoreError("copy", code: SQLITE_ERROR, message: "the copy keeps its write-ahead log")
        }
        try Self.verify(copy, isWanted)
        func number(_ sql: String) throws(StoreError) -> Int64 {
            try copy.prepare(sql).first { $0.integer(0) ?? 0 } ?? 0
        }
        bytes = try number("PRAGMA page_count") * number("PRAGMA page_size")
        sessions = try number("SELECT count(*) FROM ai_agent_sessions")
        runs = try number("SELECT count(*) FROM ai_agent_runs")
        messages = try number("SELECT count(*) FROM ai_agent_messages")
    }

    private static func copy(
        _ source: Connection, _ target: Connection, _ isWanted: () -> Bool
    ) throws(StoreError) {
        // One snapshot from the first page to the last; without it every commit of the daemon would begin it anew.
        try source.execute("BEGIN")
        _ = try source.prepare("SELECT count(*) FROM sqlite_master").first { $0.integer(0) }
        guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
            throw StoreError("copy", code: sqlite3_extended_errcode(target.handle), on: target.handle)
        }
        var code = SQLITE_OK
        while code == SQLITE_OK, isWanted() { code = sqlite3_backup_step(backup, pagesPerLook) }
        let end = sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else {
            if code == SQLITE_OK { throw StoreError("copy", code: SQLITE_INTERRUPT, message: "was given up") }
            throw StoreError("copy", code: end, on: target.handle)
        }
        try source.execute("COMMIT")
    }

    private static func verify(_ copy: Connection, _ isWanted: @escaping () -> Bool) throws(StoreError) {
        let look = Look(isWanted: isWanted)
        sqlite3_progress_handler(
            copy.handle, stepsPerLook,
            { context in Unmanaged<Look>.fromOpaque(context!).takeUnretainedValue().isWanted() ? 0 : 1 },
            Unmanaged.passUnretained(look).toOpaque())
        defer {
            sqlite3_progress_handler(copy.handle, 0, nil, nil)
            withExtendedLifetime(look) {}
        }
        let finding = try copy.prepare("PRAGMA integrity_check(1)").first { $0.text(0) ?? "" }
        guard finding == "ok" else {
            throw StoreError("verify", code: SQLITE_CORRUPT, message: finding ?? "nothing was said")
        }
    }

    private final class Look {
        let isWanted: () -> Bool

        init(isWanted: @escaping () -> Bool) { self.isWanted = isWanted }
    }
}
