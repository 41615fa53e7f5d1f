public import AgentProtocol

/// One event as a client got it.
public struct RecordedEvent: Equatable, Sendable {
    /// The run.
    public let runID: RunID
    /// The run's conversation.
    public let sessionID: SessionID
    /// What happened.
    public let kind: EventKind
    /// Place in the run's log.
    public let seq: Int64
    /// When, in epoch milliseconds.
    public let ts: Int64
    /// The event's own members.
    public let payload: JSONObject
    /// The answer's text, for a terminal event.
    public let content: String?

    /// The text member of a name.
    public subscript(name: String) -> String? { payload[name]?.string }
}
