public import AgentProtocol

/// What the reply to `stop` says.
public struct StopAcceptance: Sendable {
    /// The run that was meant.
    public let runID: RunID
    /// `stopping`, or the status that the run had ended with before.
    public let status: RunStatus
    /// All runs that this stop has ended, where the whole line was meant.
    public var runIDs: [RunID]?
}
