internal import AgentEngine
internal import AgentProtocol

/// Finds the runs that have no terminal event, with all that the ledger knows of them.
enum UnfinishedRunReader {
    static func read(on connection: Connection) throws(StoreError) -> [UnfinishedRun] {
        let rows = try connection.prepare(
            """
            SELECT \(RunTable.columns), stop_request_reason, first_event, input_digest, is_bound,
                request ->> '$.on_busy' = 'replace'
            FROM ai_agent_runs WHERE status IN ('queued', 'running', 'paused') ORDER BY rowid
            """
        ).rows { row throws(StoreError) in
            (
                run: try RunTable.read(row), stopReason: row.text(32), firstEvent: row.integer(33) ?? 0,
                digest: row.text(34).flatMap(InputDigest.init), isBound: row.integer(35) == 1,
                isInFront: row.integer(36) == 1
            )
        }
        guard let first = rows.map(\.firstEvent).min() else { return [] }
        let events = try readEvents(of: Set(rows.map(\.run.runID)), from: first, on: connection)
        var unfinished: [UnfinishedRun] = []
        for row in rows {
            unfinished.append(
                UnfinishedRun(
                    record: row.run, isStopRequested: row.run.status == .stopping, stopReason: row.stopReason,
                    events: events[row.run.runID] ?? [], messages: try MessageTable.ofRun(row.run, on: connection),
                    digest: row.digest, isBound: row.isBound, isInFront: row.isInFront,
                    lastTurn: try MessageTable.lastTurn(in: row.run.sessionID, on: connection),
                    lastBegunTurn: try MessageTable.lastBegunTurn(in: row.run.sessionID, on: connection)))
        }
        return unfinished
    }

    /// One walk over the part of the log that can hold their events.
    private static func readEvents(
        of runs: Set<RunID>, from first: Int64, on connection: Connection
    ) throws(StoreError) -> [RunID: [UnfinishedRun.Event]] {
        let statement = try connection.prepare(
            "SELECT run_id, seq, event, payload FROM ai_agent_run_events WHERE id >= ? ORDER BY id")
        statement.bind(1, first)
        var events: [RunID: [UnfinishedRun.Event]] = [:]
        while try statement.step() {
            let run: RunID = try statement.required(0, "run id")
            guard runs.contains(run) else { continue }
            guard let seq = statement.integer(1), let payload = try JSONColumn.object(statement, 3, "event") else {
                throw .unreadable("event")
            }
            events[run, default: []].append(
                UnfinishedRun.Event(kind: try statement.choice(2, "event kind"), seq: seq, payload: payload))
        }
        return events
    }
}
