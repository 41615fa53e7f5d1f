public import AgentProtocol

/// What the reply to `run` says.
public struct RunAcceptance {
    /// The run's name.
    public let runID: RunID
    /// Its conversation.
    public let sessionID: SessionID
    /// Where it stands: `running`.
    public let status: RunStatus
    /// The stream; nil when none is wanted.
    public let cursor: RunCursor?
}
