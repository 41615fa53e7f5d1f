import AgentEngine
import AgentProtocol

/// Rows of `ai_agent_messages`.
enum MessageTable {
    static let columns = """
        message_id, run_id, step, position, role, content, tool_call_id, tool_name, tool_arguments, created_at,
        completed_at, interrupted, error, provider_data
        """

    /// Room for new rows, behind those that are there.
    static func shelves(on connection: Connection) throws(StoreError) -> RowShelves {
        let last = try connection.prepare("SELECT ifnull(max(rowid), 0) FROM ai_agent_messages")
            .first { row throws(StoreError) in try row.number(0, "number of a message") }
        let pageBytes = try connection.prepare("PRAGMA page_size").first { $0.integer(0) ?? 0 }
        return RowShelves(after: last ?? 0, pageBytes: Int(pageBytes ?? 0))
    }

    static func insert(
        _ message: Message, in session: SessionID, onto shelves: inout RowShelves, on connection: Connection
    ) throws(StoreError) {
        let arguments = JSONColumn.bytes(message.toolArguments)
        let error = errorBytes(message.error)
        let statement = try connection.statement(
            """
            INSERT INTO ai_agent_messages (message_id, session_id, run_id, step, position, role, content, tool_call_id,
                tool_name, tool_arguments, created_at, completed_at, interrupted, error, provider_data, rowid)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        statement.bind(1, message.messageID.text)
        statement.bind(2, session.text)
        statement.bind(3, message.runID.text)
        statement.bind(4, message.step)
        statement.bind(5, message.position)
        statement.bind(6, message.role.rawValue)
        statement.bind(7, message.content)
        statement.bind(8, message.toolCallID?.text)
        statement.bind(9, message.toolName)
        statement.bind(10, arguments)
        statement.bind(11, message.createdAt.milliseconds)
        statement.bind(12, message.completedAt?.milliseconds)
        statement.bind(13, message.interrupted)
        statement.bind(14, error)
        statement.bindBlob(15, message.providerData)
        let texts = [
            message.messageID.text, session.text, message.runID.text, message.content, message.toolCallID?.text,
            message.toolName,
        ]
        let others = (arguments?.count ?? 0) + (error?.count ?? 0) + (message.providerData?.count ?? 0)
        statement.bind(16, shelves.place(Self.numberBytes + texts.reduce(others) { $0 + ($1?.utf8.count ?? 0) }))
        try statement.run()
    }

    /// About what a row's head, its role and its numbers take.
    private static let numberBytes = 44

    private static func errorBytes(_ error: ErrorRecord?) -> [UInt8]? {
        guard let error else { return nil }
        var writer = JSONWriter()
        error.write(to: &writer)
        return writer.bytes
    }

    static func move(_ message: MessageID, to position: Int64, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement("UPDATE ai_agent_messages SET position = ? WHERE message_id = ?")
        statement.bind(1, position)
        statement.bind(2, message.text)
        try statement.run()
    }

    /// The last turn of a session; 0 when it has none.
    static func lastTurn(in session: SessionID, on connection: Connection) throws(StoreError) -> Int64 {
        let statement = try connection.statement(
            "SELECT position FROM ai_agent_messages WHERE session_id = ? ORDER BY position DESC LIMIT 1")
        statement.bind(1, session.text)
        return try turn(statement)
    }

    /// The last turn of a session that does not wait in line; 0 when there is none. Walks back over the line only.
    static func lastBegunTurn(in session: SessionID, on connection: Connection) throws(StoreError) -> Int64 {
        let statement = try connection.statement(
            """
            SELECT position FROM ai_agent_messages WHERE session_id = ?1 AND run_id NOT IN (
                SELECT run_id FROM ai_agent_runs
                WHERE session_id = ?1 AND status IN ('queued', 'running', 'paused') AND status = 'queued')
            ORDER BY position DESC LIMIT 1
            """)
        statement.bind(1, session.text)
        return try turn(statement)
    }

    /// The turn of the one position that a statement finds; 0 when it finds none.
    private static func turn(_ statement: Statement) throws(StoreError) -> Int64 {
        TurnPosition.turn(of: try statement.first { row throws(StoreError) in try row.number(0, "position") } ?? 0)
    }

    static func find(_ message: MessageID, on connection: Connection) throws(StoreError) -> Message? {
        let statement = try connection.statement("SELECT \(columns) FROM ai_agent_messages WHERE message_id = ?")
        statement.bind(1, message.text)
        return try statement.first(read)
    }

    /// The messages of one run, which are a turn of its session, or its end, from the user's message on.
    static func ofRun(_ run: RunRecord, on connection: Connection) throws(StoreError) -> [Message] {
        let bits = TurnPosition.indexBits
        let statement = try connection.statement(
            """
            SELECT \(columns) FROM ai_agent_messages,
                (SELECT position AS question FROM ai_agent_messages WHERE message_id = ?3)
            WHERE session_id = ?1 AND run_id = ?2 AND position >= question AND position < ((question >> \(bits)) + 1) << \(bits)
            ORDER BY position
            """)
        statement.bind(1, run.sessionID.text)
        statement.bind(2, run.runID.text)
        statement.bind(3, run.userMessageID?.text)
        return try statement.rows(read)
    }

    /// The last turns of a session, oldest first; a turn is what one run said. Read backwards, so that the cost is that
    /// of the window and not of the session.
    static func lastTurns(
        _ turns: Int, of session: SessionID, before position: Int64 = .max, excluding: Set<RunID> = [],
        on connection: Connection
    ) throws(StoreError) -> [Message] {
        guard turns > 0 else { return [] }
        let statement = try connection.statement(
            "SELECT \(columns) FROM ai_agent_messages WHERE session_id = ? AND position < ? ORDER BY position DESC")
        statement.bind(1, session.text)
        statement.bind(2, position)
        defer { statement.reset() }
        var messages: [Message] = []
        var seen = 0
        while try statement.step() {
            let message = try read(statement)
            if excluding.contains(message.runID) { continue }
            if messages.last?.runID != message.runID {
                seen += 1
                if seen > turns { break }
            }
            messages.append(message)
        }
        return messages.reversed()
    }

    static func read(_ row: Statement) throws(StoreError) -> Message {
        Message(
            messageID: try row.required(0, "message id"), runID: try row.required(1, "run id"),
            step: try row.number(2, "step"), position: try row.number(3, "position"), role: try row.choice(4, "role"),
            content: try row.text(5, "content"), toolCallID: row.identifier(6),
            toolName: row.text(7), toolArguments: try JSONColumn.value(row, 8, "tool call's arguments"),
            createdAt: try row.time(9), completedAt: try row.optionalTime(10),
            interrupted: try row.flag(11, "mark of an interruption"),
            error: try error(row), providerData: row.blob(13))
    }

    private static func error(_ row: Statement) throws(StoreError) -> ErrorRecord? {
        guard let object = try JSONColumn.object(row, 12, "message's error") else { return nil }
        guard let code = object["code"]?.string.flatMap(ErrorCode.init(rawValue:)),
            let message = object["message"]?.string, let retryable = object["retryable"]?.bool
        else { throw .unreadable("message's error") }
        return ErrorRecord(code, message, retryable: retryable, httpStatus: object["http_status"]?.int64)
    }
}
