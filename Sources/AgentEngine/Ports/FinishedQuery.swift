public import AgentProtocol

/// Names a run that is no longer live.
public enum FinishedQuery: Sendable {
    /// By its own name.
    case run(RunID)
    /// The latest of a conversation; a conversation that is missing, or another user's, has none.
    case latest(SessionID, userID: UserID?)
}
