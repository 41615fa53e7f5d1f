/// `delete`: remove a session, or everything of a user, for good.
public struct DeleteCommand: Sendable {
    /// The session; nil for all that the user has.
    public var sessionID: SessionID?
    /// The user on whose behalf the command is given, or whose sessions all go.
    public var userID: UserID?

    /// A command with everything said; one of the two must be there.
    public init(sessionID: SessionID? = nil, userID: UserID? = nil) {
        self.sessionID = sessionID
        self.userID = userID
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        sessionID = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        if sessionID == nil, userID == nil { fields.report(.invalid("session_id", "or user_id is required")) }
        try fields.check()
    }
}
