/// A conversation, as `list` and `history` show it.
public struct SessionRecord: Equatable, Sendable {
    /// The conversation's name.
    public var sessionID: SessionID
    /// The user it belongs to; nil for one that only the host itself sees.
    public var userID: UserID?
    /// The agent that answers in it.
    public var agent: AgentName
    /// A few words for a list.
    public var title: String?
    /// What it was about.
    public var summary: String?
    /// False once it has been archived.
    public var isActive: Bool
    /// When it began.
    public var createdAt: Timestamp
    /// When a run last began or ended in it.
    public var updatedAt: Timestamp
    /// Whatever the host keeps with it.
    public var metadata: JSONObject?
    /// The live run, if one is.
    public var activeRunID: RunID?
    /// Where the live run stands.
    public var activeStatus: RunStatus?

    /// A session with everything said.
    public init(
        sessionID: SessionID, userID: UserID?, agent: AgentName, title: String? = nil, summary: String? = nil,
        isActive: Bool = true, createdAt: Timestamp, updatedAt: Timestamp, metadata: JSONObject? = nil,
        activeRunID: RunID? = nil, activeStatus: RunStatus? = nil
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.agent = agent
        self.title = title
        self.summary = summary
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.metadata = metadata
        self.activeRunID = activeRunID
        self.activeStatus = activeStatus
    }

    /// Writes the record.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("session_id", sessionID)
        writer.member("user_id", userID)
        writer.member("agent", agent)
        writer.member("title", title)
        writer.member("summary", summary)
        writer.member("is_active", isActive)
        writer.member("created_at", createdAt)
        writer.member("updated_at", updatedAt)
        writer.member("metadata", metadata.map(JSONValue.object))
        writer.member("active_run_id", activeRunID)
        writer.member("active_status", activeStatus?.rawValue)
        writer.endObject()
    }
}
