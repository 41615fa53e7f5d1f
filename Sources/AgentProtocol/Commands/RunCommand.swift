/// `run`: put a question to an agent.
public struct RunCommand: Sendable {
    /// The agent; nil for the session's, else the default one.
    public var agent: AgentName?
    /// The question, never empty.
    public var input: String
    /// The conversation; it is created if it is missing.
    public var sessionID: SessionID?
    /// The user for whom the question is put.
    public var userID: UserID?
    /// The client's choice of a name for the run, which makes the command safe to send again.
    public var runID: RunID?
    /// The events that the connection wants.
    public var stream: StreamMode
    /// What becomes of the run when the connection goes away; nil for the configured answer.
    public var onDisconnect: DisconnectPolicy?
    /// What the run may do when its session has a live one, or every slot is taken.
    public var onBusy: BusyPolicy
    /// Whatever the host wants to keep with the run.
    public var metadata: JSONObject?

    /// A command with everything said.
    public init(
        agent: AgentName? = nil, input: String, sessionID: SessionID? = nil, userID: UserID? = nil,
        runID: RunID? = nil, stream: StreamMode = .full, onDisconnect: DisconnectPolicy? = nil,
        onBusy: BusyPolicy = .reject, metadata: JSONObject? = nil
    ) {
        self.agent = agent
        self.input = input
        self.sessionID = sessionID
        self.userID = userID
        self.runID = runID
        self.stream = stream
        self.onDisconnect = onDisconnect
        self.onBusy = onBusy
        self.metadata = metadata
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        agent = fields.identifier("agent")
        let input = fields.input("input")
        sessionID = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        runID = fields.identifier("run_id")
        stream = fields.choice("stream") ?? .full
        onDisconnect = fields.choice("on_disconnect")
        onBusy = fields.choice("on_busy") ?? .reject
        metadata = fields.object("metadata", limit: Limits.metadataBytes)
        fields.unsupported("context", "tools", "model", "instructions", "output_schema", "limits")
        self.input = try fields.required("input", input)
    }
}

extension CommandFields {
    /// The question; a list of parts is of the contract, but not built.
    fileprivate mutating func input(_ name: String) -> String? {
        if case .array = value(name) {
            report(.unsupported(field: name))
            return nil
        }
        return text(name, required: true)
    }
}
