import AgentLoop
import AgentProtocol
import AgentTestKit

@testable import AgentEngine
@testable import AgentStore

/// A ledger on the loop, and what it has reported.
@LoopActor final class House {
    let directory: TemporaryDirectory
    let ledger: Ledger
    /// Batches in the order in which they were reported.
    private(set) var committed: [LedgerBatch] = []
    private(set) var failures: [StoreError] = []
    private var deltas: Int64 = 0
    private(set) var conditions: [StorageCondition] = []
    /// Done with each batch when it is reported.
    var reaction: (LedgerBatch) -> Void = { _ in }

    /// Where the file is.
    let database: String

    /// A ledger in a directory of the test's own, or in another one.
    init(in place: String? = nil) throws {
        directory = try TemporaryDirectory()
        database = place.map { $0 + "/agentd.db" } ?? directory.database
        ledger = try Ledger(path: database)
        ledger.committed = { [unowned self] batch in
            committed.append(batch)
            reaction(batch)
        }
        ledger.failed = { [unowned self] error in failures.append(error) }
        ledger.storageChanged = { [unowned self] condition in conditions.append(condition) }
    }

    /// A batch of so many events; `closing` says that their step is closed, and all before it.
    func batch(
        _ rows: Int, sealed: Bool = false, closing: Bool = false, from seq: Int64 = 1, text: String = "x"
    ) -> LedgerBatch {
        let batch = LedgerBatch()
        batch.earlierDeltas = deltas
        deltas += Int64(rows)
        if closing { batch.closedDeltas = deltas }
        for row in 0..<Int64(rows) { batch.addText(text, run: "r1", seq: seq + row) }
        if sealed { batch.add(.runCompleted, run: "r1", seq: seq + Int64(rows)) }
        return batch
    }

    /// Hands a batch over and waits until it is reported.
    func commit(_ batch: LedgerBatch) async -> Bool {
        ledger.commit(batch)
        return await eventually { committed.last === batch }
    }

    /// What another program that opens the file sees.
    func look<Value>(_ sql: String, _ read: (Statement) -> Value) throws -> [Value] {
        try Connection(path: database, isReader: true).prepare(sql).rows { row in read(row) }
    }

    /// Lets the file have so many pages more, as if the disk ended there; nil for as many as it wants.
    func limitPages(_ more: Int64?) throws {
        let connection = ledger.writer.connection
        let pages = try connection.prepare("PRAGMA page_count").first { $0.integer(0) ?? 0 } ?? 0
        try connection.execute("PRAGMA max_page_count = \(more.map { pages + $0 } ?? 0xFFFF_FFFE)")
    }

    /// Events that another program finds, those of open steps included.
    func countEvents() throws -> Int64 {
        let sql = "SELECT (SELECT count(*) FROM ai_agent_run_events) + (SELECT count(*) FROM ai_agent_run_deltas)"
        return try look(sql) { $0.integer(0) ?? 0 }.first ?? -1
    }

    func read(_ query: ReadQuery) async -> Result<[UInt8], AgentError> {
        await withCheckedContinuation { continuation in
            ledger.read(query, isWanted: { true }) { continuation.resume(returning: $0) }
        }
    }
}
