import AgentProtocol

/// Rows of `ai_agent_sessions`.
enum SessionTable {
    /// The run that has the session, found by its partial index; without one, the first that waits in line.
    static let columns = """
        s.session_id, s.user_id, s.agent_name, s.session_title, s.session_summary, s.is_active, s.created_at,
        s.updated_at, s.metadata, r.run_id, r.status, r.stop_requested_at
        """
    static let source = """
        ai_agent_sessions s LEFT JOIN ai_agent_runs r
            ON r.number = (
                SELECT q.number FROM ai_agent_runs q
                WHERE q.session_id = s.session_id AND q.status IN ('queued', 'running', 'paused')
                ORDER BY q.status = 'queued', q.number LIMIT 1)
        """

    static func insert(_ session: SessionRecord, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement(
            """
            INSERT INTO ai_agent_sessions (session_id, user_id, agent_name, created_at, updated_at, session_title,
                session_summary, is_active, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        statement.bind(1, session.sessionID.text)
        statement.bind(2, session.userID?.text)
        statement.bind(3, session.agent.text)
        statement.bind(4, session.createdAt.milliseconds)
        statement.bind(5, session.updatedAt.milliseconds)
        statement.bind(6, session.title)
        statement.bind(7, session.summary)
        statement.bind(8, session.isActive)
        statement.bind(9, JSONColumn.bytes(session.metadata.map(JSONValue.object)))
        try statement.run()
    }

    static func touch(_ session: SessionID, at now: Timestamp, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement("UPDATE ai_agent_sessions SET updated_at = ? WHERE session_id = ?")
        statement.bind(1, now.milliseconds)
        statement.bind(2, session.text)
        try statement.run()
    }

    static func change(_ session: SessionRecord, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement(
            """
            UPDATE ai_agent_sessions SET session_title = ?, session_summary = ?, is_active = ?, metadata = ?
            WHERE session_id = ?
            """)
        statement.bind(1, session.title)
        statement.bind(2, session.summary)
        statement.bind(3, session.isActive)
        statement.bind(4, JSONColumn.bytes(session.metadata.map(JSONValue.object)))
        statement.bind(5, session.sessionID.text)
        try statement.run()
    }

    static func find(_ session: SessionID, on connection: Connection) throws(StoreError) -> SessionRecord? {
        let statement = try connection.statement("SELECT \(columns) FROM \(source) WHERE s.session_id = ?")
        statement.bind(1, session.text)
        return try statement.first(read)
    }

    static func read(_ row: Statement) throws(StoreError) -> SessionRecord {
        var session = SessionRecord(
            sessionID: try row.required(0, "session id"), userID: row.identifier(1),
            agent: try row.required(2, "agent name"), title: row.text(3), summary: row.text(4),
            isActive: try row.flag(5, "mark of an active session"), createdAt: try row.time(6),
            updatedAt: try row.time(7),
            metadata: try JSONColumn.object(row, 8, "session's metadata"))
        session.activeRunID = row.identifier(9)
        if session.activeRunID != nil {
            session.activeStatus = row.integer(11) == nil ? try row.choice(10, "run status") : .stopping
        }
        return session
    }
}
