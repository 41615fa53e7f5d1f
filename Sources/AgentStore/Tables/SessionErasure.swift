import AgentProtocol

/// Takes conversations out of every table.
enum SessionErasure {
    /// The conversation itself comes last: it says what belongs to it.
    private static let ownTables = ["ai_agent_messages", "ai_agent_runs", "ai_agent_sessions"]
    private static let runTables = ["ai_agent_run_events", "ai_agent_requirements"]

    static func erase(_ sessions: [SessionID], on connection: Connection) throws(StoreError) {
        guard !sessions.isEmpty else { return }
        // The deltas have no index, so they are walked once for all.
        var writer = JSONWriter()
        writer.beginArray()
        for session in sessions { writer.string(session.text) }
        writer.endArray()
        let deltas = try connection.statement(
            """
            DELETE FROM ai_agent_run_deltas WHERE run_id IN (SELECT run_id FROM ai_agent_runs
                WHERE session_id IN (SELECT value FROM json_each(?)))
            """)
        deltas.bind(1, writer.bytes)
        try deltas.run()
        for session in sessions {
            for table in runTables {
                try run(
                    """
                    DELETE FROM \(table) WHERE run_id IN (SELECT run_id FROM ai_agent_runs WHERE session_id = ?)
                    """, session, on: connection)
            }
            for table in ownTables { try run("DELETE FROM \(table) WHERE session_id = ?", session, on: connection) }
        }
    }

    private static func run(_ sql: String, _ session: SessionID, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement(sql)
        statement.bind(1, session.text)
        try statement.run()
    }
}
