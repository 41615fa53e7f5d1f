public import AgentProtocol

/// Which conversations are to be erased.
public enum SessionSelection: Sendable {
    /// Those of a user.
    case user(UserID)
    /// Those in which nothing has happened since, and nothing is open.
    case idle(since: Timestamp)
    /// Those in which nothing has happened for longest and nothing is open, where the ledger has more bytes than so many.
    case idlest(beyondBytes: Int64)

    /// Whether a conversation that was selected still is what it was selected for.
    func stillSelects(_ session: SessionRecord) -> Bool {
        guard case .idle(let since) = self else { return true }
        return session.updatedAt.milliseconds < since.milliseconds
    }
}
