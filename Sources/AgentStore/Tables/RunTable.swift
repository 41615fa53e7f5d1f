import AgentEngine
import AgentProtocol

/// Rows of `ai_agent_runs`.
enum RunTable {
    static let columns = """
        run_id, parent_run_id, session_id, user_id, agent_name, status, created_at, last_seq, provider, model,
        user_message_id, assistant_message_id, started_at, completed_at, stop_requested_at, stop_reason, cancel_reason,
        error_code, error_message, error_retryable, error_http_status, request, model_requests, input_tokens,
        cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, total_tokens, cost, usage_estimated,
        usage_incomplete
        """

    static func insert(
        _ run: RunRecord, _ origin: RunOrigin, on connection: Connection
    ) throws(StoreError) {
        let statement = try connection.statement(
            """
            INSERT INTO ai_agent_runs (run_id, session_id, user_id, parent_run_id, agent_name, provider, model,
                user_message_id, created_at, started_at, status, request, input_digest, is_bound)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        statement.bind(1, run.runID.text)
        statement.bind(2, run.sessionID.text)
        statement.bind(3, run.userID?.text)
        statement.bind(4, run.parentRunID?.text)
        statement.bind(5, run.agent.text)
        statement.bind(6, run.provider)
        statement.bind(7, run.model)
        statement.bind(8, run.userMessageID?.text)
        statement.bind(9, run.createdAt.milliseconds)
        statement.bind(10, run.startedAt?.milliseconds)
        statement.bind(11, run.status.rawValue)
        statement.bind(12, origin.request)
        statement.bind(13, origin.digest.text)
        statement.bind(14, origin.isBound)
        try statement.run()
    }

    static func begin(
        _ run: RunID, at now: Timestamp, model: String?, provider: String?, on connection: Connection
    ) throws(StoreError) {
        let statement = try connection.statement(
            "UPDATE ai_agent_runs SET status = 'running', started_at = ?, model = ?, provider = ? WHERE run_id = ?")
        statement.bind(1, now.milliseconds)
        statement.bind(2, model)
        statement.bind(3, provider)
        statement.bind(4, run.text)
        try statement.run()
    }

    static func unbind(_ run: RunID, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement("UPDATE ai_agent_runs SET is_bound = 0 WHERE run_id = ?")
        statement.bind(1, run.text)
        try statement.run()
    }

    static func requestStop(
        _ run: RunID, at now: Timestamp, reason: String?, on connection: Connection
    ) throws(StoreError) {
        let statement = try connection.statement(
            "UPDATE ai_agent_runs SET stop_requested_at = ?, stop_request_reason = ? WHERE run_id = ?")
        statement.bind(1, now.milliseconds)
        statement.bind(2, reason)
        statement.bind(3, run.text)
        try statement.run()
    }

    static func end(_ end: RunEnd, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement(
            """
            UPDATE ai_agent_runs SET status = ?, completed_at = ?, assistant_message_id = ?, stop_reason = ?,
                cancel_reason = ?, error_code = ?, error_message = ?, error_retryable = ?, error_http_status = ?,
                last_seq = ?, model_requests = ?, input_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?,
                output_tokens = ?, reasoning_tokens = ?, total_tokens = ?, cost = ?, usage_estimated = ?,
                usage_incomplete = ?
            WHERE run_id = ?
            """)
        statement.bind(1, end.status.rawValue)
        statement.bind(2, end.completedAt.milliseconds)
        statement.bind(3, end.assistantMessageID?.text)
        statement.bind(4, end.stopReason?.rawValue)
        statement.bind(5, end.cancelReason?.rawValue)
        statement.bind(6, end.error?.code.rawValue)
        statement.bind(7, end.error?.message)
        statement.bind(8, (end.error?.retryable).map { $0 ? 1 : 0 } as Int64?)
        statement.bind(9, end.error?.httpStatus)
        statement.bind(10, end.lastSeq)
        statement.bind(11, end.usage.requests)
        statement.bind(12, end.usage.inputTokens)
        statement.bind(13, end.usage.cacheReadTokens)
        statement.bind(14, end.usage.cacheWriteTokens)
        statement.bind(15, end.usage.outputTokens)
        statement.bind(16, end.usage.reasoningTokens)
        statement.bind(17, end.usage.totalTokens)
        statement.bind(18, end.usage.costUSD)
        statement.bind(19, end.usage.estimated)
        statement.bind(20, end.usage.incomplete)
        statement.bind(21, end.runID.text)
        try statement.run()
    }

    static func find(_ run: RunID, on connection: Connection) throws(StoreError) -> RunRecord? {
        let statement = try connection.statement("SELECT \(columns) FROM ai_agent_runs WHERE run_id = ?")
        statement.bind(1, run.text)
        return try statement.first(read)
    }

    static func findKnown(_ run: RunID, on connection: Connection) throws(StoreError) -> KnownRun? {
        let statement = try connection.statement(
            "SELECT \(columns), input_digest FROM ai_agent_runs WHERE run_id = ?")
        statement.bind(1, run.text)
        return try statement.first { row throws(StoreError) in
            KnownRun(record: try read(row), digest: row.text(32).flatMap(InputDigest.init))
        }
    }

    static func latest(of session: SessionID, on connection: Connection) throws(StoreError) -> RunRecord? {
        let statement = try connection.statement(
            """
            SELECT \(columns) FROM ai_agent_runs WHERE session_id = ? ORDER BY number DESC LIMIT 1
            """)
        statement.bind(1, session.text)
        return try statement.first(read)
    }

    static func read(_ row: Statement) throws(StoreError) -> RunRecord {
        var run = RunRecord(
            runID: try row.required(0, "run id"), parentRunID: row.identifier(1),
            sessionID: try row.required(2, "session id"), userID: row.identifier(3),
            agent: try row.required(4, "agent name"), status: try row.choice(5, "run status"),
            createdAt: try row.time(6), lastSeq: try row.number(7, "last seq"))
        run.provider = row.text(8)
        run.model = row.text(9)
        run.userMessageID = row.identifier(10)
        run.assistantMessageID = row.identifier(11)
        run.startedAt = try row.optionalTime(12)
        run.completedAt = try row.optionalTime(13)
        if !run.status.isTerminal, row.integer(14) != nil { run.status = .stopping }
        run.stopReason = try row.optionalChoice(15, "stop reason")
        run.cancelReason = try row.optionalChoice(16, "cancel reason")
        if let code: ErrorCode = try row.optionalChoice(17, "error code") {
            run.error = ErrorRecord(
                code, try row.text(18, "error message"), retryable: try row.flag(19, "error's retryability"),
                httpStatus: row.integer(20))
        }
        run.metadata = try JSONColumn.object(row, 21, "run's request")?["metadata"]?.object
        if let requests = row.integer(22) {
            run.usage = Usage(
                inputTokens: row.integer(23), cacheReadTokens: row.integer(24), cacheWriteTokens: row.integer(25),
                outputTokens: row.integer(26), reasoningTokens: row.integer(27), totalTokens: row.integer(28),
                costUSD: row.double(29), requests: requests,
                estimated: try row.flag(30, "mark of estimated usage"),
                incomplete: try row.flag(31, "mark of incomplete usage"))
        }
        return run
    }
}
