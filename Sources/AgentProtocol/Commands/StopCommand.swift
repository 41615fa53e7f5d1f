/// `stop`: cut a run off, or the live run of a session.
public struct StopCommand: Sendable {
    /// The run; with a session as well, it must be that session's.
    public var runID: RunID?
    /// The session whose live run is meant.
    public var sessionID: SessionID?
    /// The user on whose behalf the command is given.
    public var userID: UserID?
    /// Why, in the client's words.
    public var reason: String?
    /// Whether the session's line ends with its live run.
    public var all: Bool

    /// A command with everything said; one of `runID` and `sessionID` must be there.
    public init(
        runID: RunID? = nil, sessionID: SessionID? = nil, userID: UserID? = nil, reason: String? = nil,
        all: Bool = false
    ) {
        self.runID = runID
        self.sessionID = sessionID
        self.userID = userID
        self.reason = reason
        self.all = all
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        runID = fields.identifier("run_id")
        sessionID = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        reason = fields.text("reason", limit: Limits.reasonBytes)
        all = fields.boolean("all") ?? false
        if runID == nil, sessionID == nil { fields.report(.invalid("run_id", "or session_id is required")) }
        try fields.check()
    }
}
