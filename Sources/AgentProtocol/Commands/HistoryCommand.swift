/// `history`: page through the messages of a session.
public struct HistoryCommand: Sendable {
    /// The conversation.
    public var sessionID: SessionID
    /// The user on whose behalf the command is given.
    public var userID: UserID?
    /// Messages of the page.
    public var limit: Int
    /// Where the page before this one ended.
    public var cursor: String?
    /// Whether pages walk from the start; otherwise the newest page comes first.
    public var ascending: Bool

    /// A command with everything said.
    public init(
        sessionID: SessionID, userID: UserID? = nil, limit: Int = Limits.pageDefault, cursor: String? = nil,
        ascending: Bool = false
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.limit = limit
        self.cursor = cursor
        self.ascending = ascending
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        let sessionID: SessionID? = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        limit = fields.integer("limit", in: 1...Limits.pageMax) ?? Limits.pageDefault
        cursor = fields.text("cursor", limit: Limits.cursorBytes, required: true)
        let order: Order? = fields.choice("order")
        ascending = order == .ascending
        self.sessionID = try fields.required("session_id", sessionID)
    }

    private enum Order: String, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }
}
