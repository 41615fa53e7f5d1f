/// How much a `delete` took away.
public struct Deletion: Sendable {
    /// Conversations.
    public private(set) var sessions: Int64
    /// Their runs.
    public private(set) var runs: Int64
    /// Their messages.
    public private(set) var messages: Int64

    /// Nothing, or so much.
    init(sessions: Int64 = 0, runs: Int64 = 0, messages: Int64 = 0) {
        self.sessions = sessions
        self.runs = runs
        self.messages = messages
    }

    mutating func add(_ other: Deletion) {
        sessions += other.sessions
        runs += other.runs
        messages += other.messages
    }
}
