import AgentEngine
import AgentProtocol
import CSQLite

/// A daemon's database, looked at from outside: read-only, by a connection of the test.
public final class LedgerFile {
    /// A row of a run's log.
    public struct Event: Sendable {
        /// Its place in the file; what came later stands further on.
        public let id: Int64
        /// The run.
        public let runID: String
        /// Its place in the run.
        public let seq: Int64
        /// When, in epoch milliseconds.
        public let ts: Int64
        /// What happened.
        public let name: String
        /// Its members, a JSON object.
        public let payload: [UInt8]
        /// The message that it is a piece of.
        public let messageID: String?
        /// The piece of text.
        public let content: String?
        /// The call that it is about.
        public let toolCallID: String?
        /// What the call gave.
        public let result: String?
        /// The question, where the run begins.
        public let input: String?
        /// The question's message, where the run begins.
        public let userMessageID: String?

        /// Whether it is the last of its run.
        public var isTerminal: Bool { ["run_completed", "run_cancelled", "run_error"].contains(name) }

        /// The deltas that this row stands for; the last of them has its seq, the first its time.
        fileprivate func unfolded(_ boundaries: [UInt8], count: Int, _ text: ArraySlice<UInt8>) -> [Event] {
            var reader = PackedBoundaries.Reader(boundaries, count: count, start: ts)
            var cuts: [(time: Int64, length: Int)] = []
            while let cut = reader.next() { cuts.append(cut) }
            var rest = text
            return cuts.enumerated().map { index, cut in
                let piece = String(decoding: rest.prefix(cut.length), as: UTF8.self)
                rest = rest.dropFirst(cut.length)
                var escaped: [UInt8] = []
                JSONEscaping.append(piece, to: &escaped)
                var payload: [UInt8] = []
                escaped.withUnsafeBytes {
                    DeltaPayload.append($0, messageID: Array((messageID ?? "").utf8), to: &payload)
                }
                return Event(
                    id: id, runID: runID, seq: seq - Int64(cuts.count - 1 - index), ts: cut.time, name: name,
                    payload: payload, messageID: messageID, content: piece, toolCallID: nil, result: nil, input: nil,
                    userMessageID: nil)
            }
        }
    }

    /// A run's row.
    public struct Run: Sendable {
        /// Its name.
        public let id: String
        /// Its conversation.
        public let sessionID: String
        /// How it stands.
        public let status: String
        /// Whether a stop was asked for.
        public let isStopRequested: Bool
        /// Why it was cancelled.
        public let cancelReason: String?
        /// What went wrong.
        public let errorCode: String?
        /// The seq of its last event.
        public let lastSeq: Int64
    }

    /// A message's row.
    public struct Message: Sendable {
        /// Its name.
        public let id: String
        /// Its conversation.
        public let sessionID: String
        /// Its run.
        public let runID: String
        /// Its place in the conversation.
        public let position: Int64
        /// Who said it.
        public let role: String
        /// What was said.
        public let content: String
        /// Whether it was cut off.
        public let isInterrupted: Bool
    }

    /// A conversation's row.
    public struct Session: Sendable {
        /// Its name.
        public let id: String
        /// What a list calls it.
        public let title: String?
        /// What it was about.
        public let summary: String?
    }

    private var handle: OpaquePointer?

    /// Opens the file at a path, to read only.
    public init(path: String) throws(TestFailure) {
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
            let reason = String(cString: sqlite3_errmsg(handle))
            sqlite3_close(handle)
            throw TestFailure("open \(path): \(reason)")
        }
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit { sqlite3_close(handle) }

    /// The events of the runs whose names match a GLOB pattern, each run's in their order. Text that has been folded is
    /// cut again as it came, beginnings and ends are whole; deltas of open steps, which have rows of their own, are left
    /// out.
    public func events(ofRunsLike pattern: String) throws(TestFailure) -> [Event] {
        // SQLite reads the payloads: a second opinion on what our writer wrote.
        let members = ["message_id", "content", "tool_call_id", "result"]
        let extracts = members.map { "e.payload ->> '$.\($0)'" }.joined(separator: ", ")
        let sql = """
            SELECT e.rowid, e.run_id, e.seq, e.ts, e.event, e.payload, \(extracts), e.boundaries,
                e.payload ->> '$.offset', m.content, e.payload ->> '$.deltas'
            FROM ai_agent_run_events e
                LEFT JOIN ai_agent_messages m ON e.boundaries IS NOT NULL AND m.message_id = e.payload ->> '$.message_id'
            WHERE e.run_id GLOB '\(pattern)' ORDER BY e.run_id, e.seq
            """
        // One look at both: a run may end between two.
        _ = try rows("BEGIN") { _ in }
        defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
        let told = try told(ofRunsLike: pattern)
        return try rows(sql) { row -> [Event] in
            let (run, name) = (told[row.text(1) ?? ""], row.text(4) ?? "")
            let beginning = name == "run_started" ? run : nil
            let event = Event(
                id: row.integer(0), runID: row.text(1) ?? "", seq: row.integer(2), ts: row.integer(3), name: name,
                payload: run?.payload(of: name, row.bytes(5)) ?? row.bytes(5), messageID: row.text(6),
                content: row.text(7), toolCallID: row.text(8), result: row.text(9), input: beginning?.question,
                userMessageID: beginning?.run.userMessageID?.text)
            let boundaries = row.bytes(10)
            guard !boundaries.isEmpty else { return [event] }
            let text = event.content ?? row.text(12) ?? ""
            return event.unfolded(
                boundaries, count: Int(row.integer(13)), Array(text.utf8).dropFirst(Int(row.integer(11))))
        }.flatMap { $0 }
    }

    /// The log of one run.
    public func events(of run: String) throws(TestFailure) -> [Event] { try events(ofRunsLike: run) }

    /// The runs, in the order in which they were accepted.
    public func runs() throws(TestFailure) -> [Run] {
        try rows(
            """
            SELECT run_id, session_id, status, stop_requested_at IS NOT NULL, cancel_reason, error_code, last_seq
            FROM ai_agent_runs ORDER BY number
            """
        ) {
            Run(
                id: $0.text(0) ?? "", sessionID: $0.text(1) ?? "", status: $0.text(2) ?? "",
                isStopRequested: $0.integer(3) == 1, cancelReason: $0.text(4), errorCode: $0.text(5),
                lastSeq: $0.integer(6))
        }
    }

    /// The messages, conversation by conversation, in order.
    public func messages() throws(TestFailure) -> [Message] {
        try rows(
            """
            SELECT message_id, session_id, run_id, position, role, content, interrupted FROM ai_agent_messages
            ORDER BY session_id, position
            """
        ) {
            Message(
                id: $0.text(0) ?? "", sessionID: $0.text(1) ?? "", runID: $0.text(2) ?? "", position: $0.integer(3),
                role: $0.text(4) ?? "", content: $0.text(5) ?? "", isInterrupted: $0.integer(6) == 1)
        }
    }

    /// The conversations.
    public func sessions() throws(TestFailure) -> [Session] {
        try rows("SELECT session_id, session_title, session_summary FROM ai_agent_sessions") {
            Session(id: $0.text(0) ?? "", title: $0.text(1), summary: $0.text(2))
        }
    }

    /// Rows that belong to nothing that is there, each as a few words.
    public func strays() throws(TestFailure) -> [String] {
        let ofRuns = ["messages", "run_events", "run_deltas", "requirements"].map {
            "SELECT '\($0) of ' || run_id FROM ai_agent_\($0) WHERE run_id NOT IN (SELECT run_id FROM ai_agent_runs)"
        }
        let runs = "SELECT session_id FROM ai_agent_runs"
        let sessions = "SELECT session_id FROM ai_agent_sessions"
        let others = [
            "SELECT 'run ' || run_id FROM ai_agent_runs WHERE session_id NOT IN (\(sessions))",
            "SELECT 'session ' || session_id FROM ai_agent_sessions WHERE session_id NOT IN (\(runs))",
        ]
        return try rows((ofRuns + others).joined(separator: " UNION ")) { $0.text(0) ?? "" }
    }

    /// The terminal events of each run: one, when all is well.
    public func terminals() throws(TestFailure) -> [String: [String]] {
        let events = try rows(
            """
            SELECT run_id, event FROM ai_agent_run_events WHERE event IN ('run_completed', 'run_cancelled', 'run_error')
            """
        ) { (run: $0.text(0) ?? "", name: $0.text(1) ?? "") }
        return Dictionary(grouping: events, by: \.run).mapValues { $0.map(\.name) }
    }

    /// What SQLite finds wrong with the file; `ok` is nothing.
    public func integrityCheck() throws(TestFailure) -> String {
        try rows("PRAGMA integrity_check") { $0.text(0) ?? "" }.joined(separator: "\n")
    }

    /// Runs a statement on a file that no daemon has open.
    public static func execute(_ sql: String, on path: String) throws(TestFailure) {
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK,
            sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
        else { throw TestFailure("\(sql): \(String(cString: sqlite3_errmsg(handle)))") }
    }

    struct Row {
        fileprivate let statement: OpaquePointer

        func number(_ column: Int32) -> Int64? {
            sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
        }

        func double(_ column: Int32) -> Double? {
            sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_double(statement, column)
        }

        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        func text(_ column: Int32) -> String? { sqlite3_column_text(statement, column).map { String(cString: $0) } }

        func bytes(_ column: Int32) -> [UInt8] {
            guard let start = sqlite3_column_blob(statement, column) else { return [] }
            return Array(
                UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
        }
    }

    func rows<Value>(_ sql: String, _ read: (Row) -> Value) throws(TestFailure) -> [Value] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw TestFailure("\(sql): \(String(cString: sqlite3_errmsg(handle)))")
        }
        defer { sqlite3_finalize(statement) }
        var values: [Value] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: values.append(read(Row(statement: statement)))
            case SQLITE_DONE: return values
            default: throw TestFailure("\(sql): \(String(cString: sqlite3_errmsg(handle)))")
            }
        }
    }
}
