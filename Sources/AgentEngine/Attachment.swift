public import AgentProtocol

/// What the reply to `attach` says, and the stream that follows it.
public struct Attachment {
    /// The run.
    public let runID: RunID
    /// Its conversation.
    public let sessionID: SessionID
    /// Where it stands.
    public let status: RunStatus
    /// The seq of its last event: what is up to it is replayed, what is above it is live.
    public let lastSeq: Int64
    /// The stream; nil when nothing is wanted, or nothing can come.
    public let cursor: RunCursor?
}
