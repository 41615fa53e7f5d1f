public import AgentProtocol

/// What the reply to `run` says.
public struct RunAcceptance {
    /// The run's name.
    public let runID: RunID
    /// Its conversation.
    public let sessionID: SessionID
    /// Where it stands: `running`, or `queued`; for a run that there is already, as it stands.
    public let status: RunStatus
    /// The stream; nil when none is wanted.
    public let cursor: RunCursor?
    /// The place in line of a queued run: in its conversation's, or in that of all that wait for a slot only.
    public var position: Int?
    /// Whether the command was sent again: this is what became of the first one.
    public var isExisting = false
}
