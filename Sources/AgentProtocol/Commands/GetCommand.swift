/// `get`: look at one run, or at the whole of a text that was clipped elsewhere.
public struct GetCommand: Sendable {
    /// The run.
    public var runID: RunID?
    /// The message, instead of a run.
    public var messageID: MessageID?
    /// The user on whose behalf the command is given.
    public var userID: UserID?
    /// The byte at which the text begins that is wanted.
    public var offset: Int

    /// A command with everything said; exactly one of `runID` and `messageID` must be there.
    public init(runID: RunID? = nil, messageID: MessageID? = nil, userID: UserID? = nil, offset: Int = 0) {
        self.runID = runID
        self.messageID = messageID
        self.userID = userID
        self.offset = offset
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        runID = fields.identifier("run_id")
        messageID = fields.identifier("message_id")
        userID = fields.identifier("user_id")
        offset = fields.integer("offset", in: 0...(1 << 53 - 1)) ?? 0
        fields.unsupported("tool_call_id")
        try fields.check()
        guard (runID == nil) != (messageID == nil) else {
            throw .invalid("run_id", "or message_id is required, and not both")
        }
    }
}
