import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@testable import AgentEngine
@testable import AgentStore

/// A file in which somebody has changed numbers and texts by hand: whoever reads it gets an answer or an error, and the
/// process lives.
@Suite struct TamperedLedgerTests {
    private static let numbers: [Int64] = [
        .min, -1, 0, 1 << 53, .max - 64, .max,
    ]
    private static let texts = ["", "[]", "{}", "{\"a\":\n1}", "ä\"\n", "run_completed", "paused"]
    private static let payloads = [
        #"{"message_id":"m2","deltas":0,"offset":0}"#, #"{"message_id":"m2","deltas":2,"offset":-1}"#,
        #"{"message_id":"m2","deltas":2,"offset":9007199254740991}"#,
        #"{"message_id":"m2","deltas":9007199254740991,"offset":0}"#, #"{"message_id":"m2","deltas":5000,"offset":0}"#,
        #"{"message_id":"nobody","deltas":2,"offset":0}"#, #"{"message_id":"m2","content":7}"#,
    ]

    /// Columns in which not all rows can have the same.
    private static let unique: Set<String> = ["rowid", "position", "number", "seq", "id"]

    /// What a column may be changed to, of a table and for its rows that fit.
    private static let columns: [(table: String, columns: [String])] = [
        ("ai_agent_sessions", ["agent_name", "created_at", "updated_at", "is_active", "metadata"]),
        (
            "ai_agent_messages",
            [
                "rowid", "run_id", "step", "position", "role", "content", "tool_arguments", "created_at",
                "completed_at", "interrupted", "error",
            ]
        ),
        (
            "ai_agent_runs",
            [
                "number", "session_id", "user_message_id", "assistant_message_id", "created_at", "started_at",
                "completed_at", "status", "request", "last_seq", "stop_requested_at", "stop_reason", "cancel_reason",
                "error_code", "error_message", "error_retryable", "error_http_status", "input_tokens", "total_tokens",
                "model_requests", "usage_estimated", "input_digest", "is_bound",
            ]
        ),
        ("ai_agent_run_events", ["seq", "ts", "event", "payload", "boundaries"]),
        ("ai_agent_run_deltas", ["id", "seq", "ts", "event", "payload"]),
    ]

    /// A ledger with a run of each kind: ended, live with an open step, in line, paused.
    private func fill(_ path: String) throws {
        let writer = try LedgerWriter(path: path)
        let batch = LedgerBatch()
        batch.addSession("s1", metadata: ["k": .null])
        for (number, status) in [RunStatus.running, .running, .queued, .paused].enumerated() {
            let position = Int64(number + 1) << TurnPosition.indexBits
            batch.addRun("r\(number)", session: "s1", question: "q\(number)", status: status)
            batch.addMessage("q\(number)", session: "s1", run: "r\(number)", position: position)
            batch.add(status == .queued ? .runQueued : .runStarted, run: "r\(number)", seq: 1)
        }
        var log = RunLog(runID: RunID(trusted: "r0"), lastSeq: 1)
        log.beginStep(MessageID(trusted: "m2"))
        for (time, piece) in ["Hel", "lo"].enumerated() {
            log.say(piece)
            _ = log.flush(into: batch, at: Timestamp(milliseconds: Int64(time)))
        }
        batch.addMessage(
            "m2", session: "s1", run: "r0", position: 1 << TurnPosition.indexBits | 1, role: .assistant,
            content: "Hel\n\nlo", error: ErrorRecord(.shutdown, "bye"))
        for fold in log.closeStep() { batch.append(.textFolded(fold)) }
        _ = log.append(.toolCallStarted, into: batch, at: Timestamp(milliseconds: 3)) { $0.member("tool_call_id", "c") }
        _ = log.append(.runError, into: batch, at: Timestamp(milliseconds: 4)) { _ in }
        batch.endRun("r0", status: .error, error: ErrorRecord(.shutdown, "bye"), lastSeq: log.lastSeq)
        batch.add(.toolCallStarted, run: "r1", seq: 2, payload: #"{"tool_call_id":"c"}"#)
        batch.addText("open", run: "r1", seq: 3, message: "m9")
        try writer.commit(batch, sealed: true)
        _ = try writer.truncateLog()
    }

    /// Everything that a daemon reads, and what it writes because of it; counts what was refused.
    private func readAll(_ path: String, _ refused: inout Int) throws {
        let reader = try LedgerReader(path: path)
        let session = SessionID(trusted: "s1")
        let runs = (0...3).map { RunID(trusted: "r\($0)") }
        func note<Value>(_ answer: Result<Value, AgentError>) {
            if case .failure(let error) = answer, error.code == .storageError { refused += 1 }
        }
        let admission = AdmissionQuery(sessionID: session, runID: RunID(trusted: "r0"), turns: 5)
        note(reader.snapshot { reader throws(StoreError) in .success(try reader.admission(admission)) })
        let turn = TurnQuery(
            sessionID: session, question: MessageID(trusted: "q2"), turns: 5, before: .max, excluding: [])
        note(reader.snapshot { reader throws(StoreError) in try reader.turn(turn) })
        note(reader.snapshot { reader throws(StoreError) in try reader.finished(.latest(session, userID: nil)) })
        note(reader.snapshot { reader throws(StoreError) in .success(try reader.session(session)) })
        let idle = SessionSelection.idle(since: Timestamp(milliseconds: 9))
        note(reader.snapshot { reader throws(StoreError) in .success(try reader.sessions(idle, limit: 9)) })
        var queries: [ReadQuery] = [.list(ListCommand()), .list(ListCommand(kind: .runs))]
        for ascending in [true, false] {
            queries.append(.history(HistoryCommand(sessionID: session, ascending: ascending), live: nil))
        }
        for name in ["q0", "m2"] { queries.append(.get(GetCommand(messageID: MessageID(trusted: name)), live: nil)) }
        for run in runs {
            queries.append(.get(GetCommand(runID: run), live: nil))
            for (after, finalOnly) in [(0, false), (0, true), (2, false), ((1 << 53) - 1, false)] as [(Int64, Bool)] {
                let query = ReplayQuery(runID: run, after: after, finalOnly: finalOnly, limit: 65_536)
                note(reader.snapshot { reader throws(StoreError) in try reader.replay(query) })
            }
        }
        for query in queries { note(reader.snapshot { reader throws(StoreError) in try reader.read(query) }) }
        try startAgain(path)
    }

    /// What the next daemon does at its start, and the first things that it writes.
    private func startAgain(_ path: String) throws {
        let writer = try LedgerWriter(path: path)
        let unfinished = try UnfinishedRunReader.read(on: writer.connection)
        let house = SimulatedHouse()
        let closing = LedgerBatch()
        let kept = RunRecovery.recover(
            unfinished, agents: [AgentName(trusted: "helper")], haltNote: "halted", environment: house.environment,
            into: closing)
        house.journal.isHoldingAnswers = true
        house.engine.restore(kept)
        try writer.commit(closing, sealed: true)
        writer.countFrom(closing)
        let batch = LedgerBatch()
        batch.addMessage("new", session: "s1", run: "r0", position: 900 << TurnPosition.indexBits)
        batch.addText("more", run: "r0", seq: 1000)
        try writer.commit(batch, sealed: false)
        _ = try writer.sweep(before: 1)
    }

    @Test(arguments: columns) func whateverIsInAColumnIsReadOrRefused(table: String, columns: [String]) throws {
        for column in columns { try tamper(with: column, of: table) }
    }

    /// Whether the schema lets a change in: what it does not let in cannot be there.
    private func change(_ path: String, _ sql: String) throws -> Bool {
        let connection = try Connection(path: path, isReader: false)
        do throws(StoreError) { try connection.execute(sql) } catch { return false }
        return true
    }

    private func tamper(with column: String, of table: String) throws {
        let directory = try TemporaryDirectory()
        try fill(directory.file("whole"))
        let whole = TemporaryDirectory.bytes(of: directory.file("whole"))
        let texts = Self.texts + (column == "payload" ? Self.payloads : [])
        let values = Self.numbers.map(String.init) + ["NULL", "x'00ff'"] + texts.map { "'\($0)'" }
        let path = directory.file("tampered")
        var (tampered, refused) = (0, 0)
        for value in values {
            for runs in Self.unique.contains(column) ? ["'r0', 'r2'", "'r1', 'r3'"] : [""] {
                for end in ["", "-wal", "-shm"] { unlink(path + end) }
                try directory.write("tampered", whole)
                let condition = runs.isEmpty ? "" : " WHERE run_id IN (\(runs))"
                let sql = "UPDATE OR REPLACE \(table) SET \(column) = \(value)\(condition)"
                guard try change(path, sql) else { continue }
                tampered += 1
                do { try readAll(path, &refused) } catch is StoreError { refused += 1 }
            }
        }
        #expect(tampered > 0)
    }

    @Test(arguments: [
        "UPDATE ai_agent_messages SET rowid = \(Int64.max) WHERE message_id = 'm2'",
        "UPDATE ai_agent_run_deltas SET id = \(Int64.max) WHERE run_id = 'r1'", "PRAGMA user_version = -1",
    ]) func aFileInWhichNothingCanBeCountedOnIsDamaged(sql: String) throws {
        let directory = try TemporaryDirectory()
        try fill(directory.database)
        try Connection(path: directory.database, isReader: false).execute(sql)
        #expect { try LedgerWriter(path: directory.database) } throws: { ($0 as? StoreError)?.kind == .damaged }
    }

    @Test(
        arguments: [
            ("seq = 0", -2), ("seq = -1", -2), ("seq = \(Int64.max)", 5), ("ts = \(Int64.min)", 0),
            (#"payload = '{"message_id":"m2","deltas":5000,"offset":0}'"#, 0),
            (#"payload = '{"message_id":"m2","deltas":0,"offset":0}'"#, 0),
        ] as [(String, Int64)]) func aFoldThatMakesNoSenseIsAnError(damage: String, after: Int64) throws
    {
        let directory = try TemporaryDirectory()
        try fill(directory.database)
        try Connection(path: directory.database, isReader: false)
            .execute("UPDATE ai_agent_run_events SET \(damage) WHERE boundaries IS NOT NULL")
        let query = ReplayQuery(runID: RunID(trusted: "r0"), after: after, finalOnly: false, limit: 65_536)
        let page = try LedgerReader(path: directory.database)
            .snapshot { reader throws(StoreError) in try reader.replay(query) }
        guard case .failure(let error) = page else {
            Issue.record("it was read")
            return
        }
        #expect(error.code == .storageError && error.message.contains("unreadable"))
    }
}
