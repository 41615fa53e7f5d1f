internal import AgentEngine
internal import AgentProtocol

/// Looks for what is to be erased.
extension LedgerReader {
    func sessions(_ selection: SessionSelection, limit: Int) throws(StoreError) -> [SessionID] {
        switch selection {
        case .user(let user):
            let statement = try connection.statement(
                "SELECT session_id FROM ai_agent_sessions WHERE user_id = ? LIMIT ?")
            statement.bind(1, user.text)
            statement.bind(2, Int64(limit))
            return try names(statement)
        case .idle(let since):
            return try idle(before: since.milliseconds, limit: limit)
        case .idlest(let bytes):
            return try usedBytes() > bytes ? idle(before: .max, limit: limit) : []
        }
    }

    /// Conversations that last changed before a time and have no open run, the oldest first; active and archived ones
    /// are next to each other in an index of their own.
    private func idle(before time: Int64, limit: Int) throws(StoreError) -> [SessionID] {
        func oldest(_ isActive: Int) -> String {
            """
            SELECT * FROM (
                SELECT session_id, updated_at FROM ai_agent_sessions AS s
                WHERE is_active = \(isActive) AND updated_at < ?1 AND NOT EXISTS (
                    SELECT 1 FROM ai_agent_runs AS r
                    WHERE r.session_id = s.session_id AND r.status IN ('queued', 'running', 'paused'))
                ORDER BY updated_at LIMIT ?2)
            """
        }
        let statement = try connection.statement(
            "SELECT session_id FROM (\(oldest(1)) UNION ALL \(oldest(0))) ORDER BY updated_at LIMIT ?2")
        statement.bind(1, time)
        statement.bind(2, Int64(limit))
        return try names(statement)
    }

    private func names(_ statement: Statement) throws(StoreError) -> [SessionID] {
        try statement.rows { row throws(StoreError) in try row.required(0, "session id") }
    }

    /// What the file holds, without pages that nothing is in.
    private func usedBytes() throws(StoreError) -> Int64 {
        func number(_ pragma: String) throws(StoreError) -> Int64 {
            try connection.statement("PRAGMA \(pragma)").first { $0.integer(0) ?? 0 } ?? 0
        }
        return try (number("page_count") - number("freelist_count")) * number("page_size")
    }
}
