public import AgentProtocol

/// A question that is answered with the members of a reply.
public enum ReadQuery: Sendable {
    /// `list` of sessions or runs.
    case list(ListCommand)
    /// `history`, with what a live run has said so far.
    case history(HistoryCommand, live: LiveAnswer?)
    /// `get`, with what a live run has said so far.
    case get(GetCommand, live: LiveAnswer?)
}
