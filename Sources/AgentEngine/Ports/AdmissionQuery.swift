public import AgentProtocol

/// Asks what must be known before a run is accepted.
public struct AdmissionQuery: Sendable {
    /// The conversation the run wants to join, if it named one.
    public var sessionID: SessionID?
    /// The name the client chose for the run, if it did.
    public var runID: RunID?
    /// How many turns of the conversation the model may be told, at most.
    public var turns: Int

    /// A question with everything said.
    public init(sessionID: SessionID?, runID: RunID?, turns: Int) {
        self.sessionID = sessionID
        self.runID = runID
        self.turns = turns
    }
}
