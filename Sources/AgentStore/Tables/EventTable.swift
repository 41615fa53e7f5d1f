import AgentEngine
import AgentProtocol

/// Rows of `ai_agent_run_events`: a run's log as it is kept.
enum EventTable {
    /// Adds one row for all the deltas of a stretch of text. Its seq and time are the last and the first delta's; its
    /// payload says how many there were, and where the text begins in its message.
    static func insert(_ fold: FoldedText, on connection: Connection) throws(StoreError) {
        let statement = try connection.statement(
            """
            INSERT INTO ai_agent_run_events (run_id, seq, ts, event, payload, boundaries) VALUES (?, ?, ?, ?, ?, ?)
            """)
        statement.bind(1, fold.runID.text)
        statement.bind(2, fold.lastSeq)
        statement.bind(3, fold.time)
        statement.bind(4, fold.kind.rawValue)
        statement.bind(5, payload(fold))
        statement.bindBlob(6, fold.boundaries)
        try statement.run()
    }

    private static func payload(_ fold: FoldedText) -> [UInt8] {
        var writer = JSONWriter(capacity: 96 + (fold.content?.count ?? 0))
        writer.beginObject()
        if let content = fold.content {
            writer.key("content")
            content.withUnsafeBytes { writer.escaped($0) }
        }
        writer.member("message_id", fold.messageID)
        writer.member("deltas", Int64(fold.count))
        writer.member("offset", Int64(fold.offset))
        writer.endObject()
        return writer.bytes
    }

    /// A folded stretch as a row has it.
    struct Fold {
        let messageID: MessageID
        let firstSeq: Int64
        let offset: Int
        /// The reasoning; nil for an answer's text.
        let content: String?
        let boundaries: PackedBoundaries.Reader

        /// Reads the row of a `replay` statement that has boundaries; its seq is above 0.
        init(_ row: Statement, seq: Int64, time: Int64, boundaries: [UInt8]) throws(StoreError) {
            guard let payload = try JSONColumn.object(row, 3, "event"), let message = payload["message_id"]?.string,
                let deltas = payload["deltas"]?.int64.flatMap(Int.init(exactly:)),
                let offset = payload["offset"]?.int64.flatMap(Int.init(exactly:)), offset >= 0, deltas >= 1,
                deltas <= FoldedText.countAtMost, Int64(deltas) <= seq
            else { throw .unreadable("event") }
            messageID = MessageID(trusted: message)
            firstSeq = seq - Int64(deltas) + 1
            self.offset = offset
            content = payload["content"]?.string
            self.boundaries = PackedBoundaries.Reader(boundaries, count: deltas, start: time)
        }
    }
}
