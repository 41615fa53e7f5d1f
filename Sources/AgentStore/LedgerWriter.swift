internal import AgentEngine
internal import AgentProtocol
internal import CSQLite

/// The one connection that writes, with what it takes to write fast.
///
/// `@unchecked Sendable` is safe: the writer is passed like a baton. `Ledger` gives it to the writer thread and does not
/// touch it before it comes back.
final class LedgerWriter: @unchecked Sendable {
    /// How long another process may hold the file's lock.
    private static let patienceMilliseconds: Int32 = 1000

    /// Deltas removed in one transaction: the loop's commits wait for it, less than a millisecond.
    private static let sweptAtOnce: Int64 = 1024
    /// Free pages below which the file keeps them, and how many are given back in one transaction.
    private static let freePages: Int64 = 1024
    private static let pagesGivenBackAtOnce = 256
    /// How many are given back when the file is closed: 16 MiB, which takes some tens of milliseconds.
    private static let pagesGivenBackAtLast = 4096

    let connection: Connection
    private let begin: Statement
    private let commitStatement: Statement
    private let insertEvent: Statement
    private let insertDelta: Statement
    private var shelves: RowShelves
    private let log: LogBuffer
    /// Deltas that were in the file when the engine began to count have numbers below this one.
    private var firstDelta: Int64
    /// Whether a lock that another process holds on the file is waited for. On the loop nothing is.
    var isPatient = true {
        didSet {
            if isPatient != oldValue {
                sqlite3_busy_timeout(connection.handle, isPatient ? Self.patienceMilliseconds : 0)
            }
        }
    }
    /// Pages that were in the log when all of it had been moved; nil before that.
    private var movedPages: Int?

    /// Opens the file, sets it up and brings its schema up to date.
    init(path: String) throws(StoreError) {
        connection = try Connection(path: path, isReader: false)
        // A person with a shell may hold the file's lock for a moment; that is no reason to end.
        sqlite3_busy_timeout(connection.handle, Self.patienceMilliseconds)
        try Migrations.check(connection)
        try Pragmas.apply(to: connection, isReader: false)
        try PageScrubber.install(on: connection.handle)
        log = try LogBuffer.install(on: connection.handle)
        try Migrations.run(on: connection)
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commitStatement = try connection.prepare("COMMIT")
        insertEvent = try connection.prepare(
            "INSERT INTO ai_agent_run_events (run_id, seq, ts, event, payload) VALUES (?, ?, ?, ?, ?)")
        insertDelta = try connection.prepare(
            "INSERT INTO ai_agent_run_deltas (id, run_id, seq, ts, event, payload) VALUES (?6, ?1, ?2, ?3, ?4, ?5)")
        firstDelta =
            (try connection.prepare("SELECT ifnull(max(id), 0) FROM ai_agent_run_deltas")
                .first { row throws(StoreError) in try row.number(0, "number of a delta") } ?? 0) + 1
        shelves = try MessageTable.shelves(on: connection)
    }

    /// Pages in the write-ahead log.
    var pagesInLog: Int { log.pages }

    /// Whether all of the log has been moved: the next commit begins it anew, and syncs its first bytes, sealed or not.
    var beginsLogAnew: Bool { movedPages == pagesInLog }

    /// Commits a batch in one transaction; a sealed one is on the disk when this returns.
    func commit(_ batch: LedgerBatch, sealed: Bool) throws(StoreError) {
        try setLevel(full: sealed)
        try begin.run()
        do throws(StoreError) {
            try insert(batch)
            try commitStatement.run()
        } catch {
            if sqlite3_get_autocommit(connection.handle) == 0 {
                sqlite3_exec(connection.handle, "ROLLBACK", nil, nil, nil)
            }
            throw error
        }
    }

    /// A batch was committed whose deltas the engine does not count: it begins to count after it.
    func countFrom(_ batch: LedgerBatch) { firstDelta += batch.deltas }

    /// Syncs what flowing commits have left unsynced. SQLite syncs only where there is something to write, so a row is.
    func sync(at now: Timestamp) throws(StoreError) {
        try setLevel(full: true)
        try connection.transaction { () throws(StoreError) in
            let statement = try connection.statement(
                "INSERT INTO ai_agent_ledger (name, value) VALUES ('synced_at', ?1) ON CONFLICT DO UPDATE SET value = ?1"
            )
            statement.bind(1, now.milliseconds)
            try statement.run()
        }
    }

    /// Removes deltas of closed steps: a few from behind, up to (not including) one, counted as the engine counts;
    /// returns whether more of them are left.
    func sweep(before delta: Int64) throws(StoreError) -> Bool {
        try setLevel(full: false)
        let oldest = try connection.statement("SELECT min(id) FROM ai_agent_run_deltas").first { $0.integer(0) } ?? nil
        guard let oldest, oldest < firstDelta + delta else { return false }
        let end = min(firstDelta + delta, oldest + Self.sweptAtOnce)
        try connection.transaction { () throws(StoreError) in
            let statement = try connection.statement("DELETE FROM ai_agent_run_deltas WHERE id < ?")
            statement.bind(1, end)
            try statement.run()
        }
        return end < firstDelta + delta
    }

    /// Gives pages that nothing is in any more back to the file system, a few at a time, when they are many; returns
    /// whether more of them are left.
    func shrink() throws(StoreError) -> Bool {
        func number(_ pragma: String) throws(StoreError) -> Int64 {
            try connection.statement("PRAGMA \(pragma)").first { $0.integer(0) ?? 0 } ?? 0
        }
        let free = try number("freelist_count")
        guard free >= Self.freePages, free * 4 >= (try number("page_count")) else { return false }
        try setLevel(full: false)
        try connection.execute("PRAGMA incremental_vacuum(\(Self.pagesGivenBackAtOnce))")
        return true
    }

    /// Gives back what is free before the file is closed, as far as that takes no more than a moment.
    func shrinkAtLast() throws(StoreError) {
        try setLevel(full: false)
        try connection.execute("PRAGMA incremental_vacuum(\(Self.pagesGivenBackAtLast))")
    }

    /// Moves pages from the log into the database, as far as readers let it.
    func checkpoint() throws(StoreError) { _ = try checkpoint(SQLITE_CHECKPOINT_PASSIVE) }

    /// Moves all pages and empties the log; false when somebody still reads what is in it.
    func truncateLog() throws(StoreError) -> Bool {
        guard try checkpoint(SQLITE_CHECKPOINT_TRUNCATE) else { return false }
        log.hasBeenEmptied()
        movedPages = 0
        // The pages in memory may hold what the scrubber kept out of the file: they are not to be written again.
        let code = sqlite3_db_release_memory(connection.handle)
        guard code == SQLITE_OK else { throw StoreError("release memory", code: code, on: connection.handle) }
        return true
    }

    /// False when somebody is in the way.
    private func checkpoint(_ mode: Int32) throws(StoreError) -> Bool {
        var (inLog, moved): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, &inLog, &moved)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw StoreError("checkpoint", code: code, on: connection.handle)
        }
        if inLog == moved { movedPages = Int(inLog) }
        return code == SQLITE_OK
    }

    /// The level may only change between transactions; changing it costs less than a microsecond.
    private func setLevel(full: Bool) throws(StoreError) {
        guard full != log.isSealed else { return }
        try connection.execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        log.isSealed = full
    }

    private func insert(_ batch: LedgerBatch) throws(StoreError) {
        var nextDelta = firstDelta + batch.earlierDeltas
        try batch.bytes.withUnsafeBufferPointer { (elements) throws(StoreError) in
            let bytes = UnsafeRawBufferPointer(elements)
            for event in batch.events {
                let statement = event.isDelta ? insertDelta : insertEvent
                statement.bindInPlace(1, UnsafeRawBufferPointer(rebasing: bytes[event.runID]))
                statement.bind(2, event.seq)
                statement.bind(3, event.ts)
                EventName.bind(event.kind, to: statement, 4)
                statement.bindInPlace(5, UnsafeRawBufferPointer(rebasing: bytes[event.kept]))
                if event.isDelta {
                    statement.bind(6, nextDelta)
                    nextDelta += 1
                }
                try statement.run()
            }
        }
        for change in batch.changes { try apply(change) }
        try SessionErasure.erase(batch.deletedSessions, on: connection)
    }

    private func apply(_ change: LedgerChange) throws(StoreError) {
        switch change {
        case .sessionCreated(let session): try SessionTable.insert(session, on: connection)
        case .sessionTouched(let session, let now): try SessionTable.touch(session, at: now, on: connection)
        case .sessionChanged(let session): try SessionTable.change(session, on: connection)
        // All of them together, at the end.
        case .sessionDeleted: break
        case .messageAdded(let message, let session):
            try MessageTable.insert(message, in: session, onto: &shelves, on: connection)
        case .answerAdded(var message, let session, let text):
            message.content = text.plain
            try MessageTable.insert(message, in: session, onto: &shelves, on: connection)
        case .messageMoved(let message, let position):
            try MessageTable.move(message, to: position, on: connection)
        case .runAccepted(let run, let origin):
            try RunTable.insert(run, origin, on: connection)
        case .runBegan(let run, let now, let model, let provider):
            try RunTable.begin(run, at: now, model: model, provider: provider, on: connection)
        case .runUnbound(let run): try RunTable.unbind(run, on: connection)
        case .textFolded(let fold): try EventTable.insert(fold, on: connection)
        case .stopRequested(let run, let now, let reason):
            try RunTable.requestStop(run, at: now, reason: reason, on: connection)
        case .runEnded(let end): try RunTable.end(end, on: connection)
        }
    }
}

/// The event's name, bound without making a string of it for the kind that there is one of per token.
private enum EventName {
    private static let content: StaticString = "run_content"

    static func bind(_ kind: EventKind, to statement: Statement, _ index: Int32) {
        guard kind == .runContent else { return statement.bind(index, kind.rawValue) }
        statement.bindInPlace(index, UnsafeRawBufferPointer(start: content.utf8Start, count: content.utf8CodeUnitCount))
    }
}

extension LedgerBatch {
    fileprivate var deletedSessions: [SessionID] {
        changes.compactMap { change in if case .sessionDeleted(let session) = change { session } else { nil } }
    }
}
