import AgentProtocol

/// What can be listed, and what of it is shown in a table.
enum RecordKind: String, CaseIterable {
    case sessions, runs, agents

    /// The columns' titles.
    var titles: [String] {
        switch self {
        case .sessions: ["SESSION", "UPDATED", "NOW", "AGENT", "USER", "TITLE"]
        case .runs: ["RUN", "CREATED", "STATUS", "NOTE", "AGENT", "TOKENS", "SESSION"]
        case .agents: ["AGENT", "MODEL", "DESCRIPTION"]
        }
    }

    /// The fields of a record, one for each title.
    func fields(of record: JSONObject) -> [String] {
        func text(_ name: String) -> String { record[name]?.string ?? "" }
        switch self {
        case .sessions:
            return [
                text("session_id"), ShownTime.text(record["updated_at"]?.int64), text("active_status"), text("agent"),
                text("user_id"), text("title"),
            ]
        case .runs:
            let tokens = record["usage"]?.object?["total_tokens"]?.int64
            // Why it did not end well: the code of its error, or who cut it off.
            let note = record["error"]?.object?["code"]?.string ?? text("cancel_reason")
            return [
                text("run_id"), ShownTime.text(record["created_at"]?.int64), text("status"), note, text("agent"),
                tokens.map(String.init) ?? "", text("session_id"),
            ]
        case .agents: return [text("agent"), "\(text("provider"))/\(text("model"))", text("description")]
        }
    }
}
