internal import AgentEngine
internal import AgentProtocol

/// Finds the runs that have no terminal event, with all that the ledger knows of them.
enum UnfinishedRunReader {
    static func read(on connection: Connection) throws(StoreError) -> [UnfinishedRun] {
        let rows = try connection.prepare(
            """
            SELECT \(RunTable.columns), stop_request_reason, input_digest, is_bound,
                request ->> '$.on_busy' = 'replace'
            FROM ai_agent_runs WHERE status IN ('queued', 'running', 'paused') ORDER BY number
            """
        ).rows { row throws(StoreError) in
            (
                run: try RunTable.read(row), stopReason: row.text(32),
                digest: row.text(33).flatMap(InputDigest.init), isBound: row.integer(34) == 1,
                isInFront: row.integer(35) == 1
            )
        }
        guard !rows.isEmpty else { return [] }
        let deltas = try readDeltas(of: Set(rows.map(\.run.runID)), on: connection)
        var unfinished: [UnfinishedRun] = []
        for row in rows {
            let messages = try MessageTable.ofRun(row.run, on: connection)
            // When its turn comes, it is asked for its question.
            guard row.run.status != .queued || row.run.userMessageID != nil else {
                throw .unreadable("beginning of a run")
            }
            // A message gets its row when its step is closed: deltas of a message without a row are all there is of it.
            let closed = Set(messages.map(\.messageID))
            unfinished.append(
                UnfinishedRun(
                    record: row.run, isStopRequested: row.run.status == .stopping, stopReason: row.stopReason,
                    events: try readEvents(of: row.run.runID, on: connection),
                    deltas: deltas[row.run.runID, default: []].filter { !closed.contains($0.messageID) },
                    messages: messages, digest: row.digest, isBound: row.isBound, isInFront: row.isInFront,
                    lastTurn: try MessageTable.lastTurn(in: row.run.sessionID, on: connection),
                    lastBegunTurn: try MessageTable.lastBegunTurn(in: row.run.sessionID, on: connection)))
        }
        return unfinished
    }

    private static func readEvents(
        of run: RunID, on connection: Connection
    ) throws(StoreError) -> [UnfinishedRun.Event] {
        let statement = try connection.statement(
            """
            SELECT seq, event, payload FROM ai_agent_run_events WHERE run_id = ? ORDER BY seq
            """)
        statement.bind(1, run.text)
        return try statement.rows { row throws(StoreError) in
            guard let payload = try JSONColumn.object(row, 2, "event") else { throw .unreadable("event") }
            return UnfinishedRun.Event(kind: try row.choice(1, "event kind"), seq: try row.seq(0), payload: payload)
        }
    }

    /// One walk over the deltas, of which there are few: those of open steps, and some that wait to be swept.
    private static func readDeltas(
        of runs: Set<RunID>, on connection: Connection
    ) throws(StoreError) -> [RunID: [UnfinishedRun.Delta]] {
        let statement = try connection.prepare(
            "SELECT run_id, seq, ts, event, payload FROM ai_agent_run_deltas ORDER BY id")
        var deltas: [RunID: [UnfinishedRun.Delta]] = [:]
        while try statement.step() {
            let run: RunID = try statement.required(0, "run id")
            guard runs.contains(run) else { continue }
            let kind: EventKind = try statement.choice(3, "event kind")
            guard kind.isDelta, let payload = try JSONColumn.object(statement, 4, "event"),
                let message = payload["message_id"]?.string, let content = payload["content"]?.string
            else { throw .unreadable("event") }
            deltas[run, default: []].append(
                UnfinishedRun.Delta(
                    kind: kind, seq: try statement.seq(1), time: try statement.time(2),
                    messageID: MessageID(trusted: message), content: content))
        }
        return deltas
    }
}
