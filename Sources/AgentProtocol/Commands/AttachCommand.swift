/// `attach`: read a run's events, from wherever one likes and for as long as they come.
public struct AttachCommand: Sendable {
    /// The run; with a session as well, it must be that session's.
    public var runID: RunID?
    /// The session whose live run is meant, or its latest.
    public var sessionID: SessionID?
    /// The user on whose behalf the command is given.
    public var userID: UserID?
    /// Where reading begins.
    public var after: AttachPosition
    /// The events that the connection wants.
    public var stream: StreamMode

    /// A command with everything said; one of `runID` and `sessionID` must be there.
    public init(
        runID: RunID? = nil, sessionID: SessionID? = nil, userID: UserID? = nil, after: AttachPosition = .seq(0),
        stream: StreamMode = .full
    ) {
        self.runID = runID
        self.sessionID = sessionID
        self.userID = userID
        self.after = after
        self.stream = stream
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        runID = fields.identifier("run_id")
        sessionID = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        after = fields.attachPosition("after") ?? .seq(0)
        stream = fields.choice("stream") ?? .full
        if runID == nil, sessionID == nil { fields.report(.invalid("run_id", "or session_id is required")) }
        try fields.check()
    }
}

/// The place in a run's log after which reading begins.
public enum AttachPosition: Equatable, Sendable {
    /// After this event; 0 is the beginning.
    case seq(Int64)
    /// After the last event that there is: only what is still to come.
    case tail

    /// Takes what stands under `after`; nil when it is neither a seq nor `"tail"`.
    init?(_ value: JSONValue) {
        if value.string == "tail" {
            self = .tail
        } else if let seq = value.int64, seq >= 0 {
            self = .seq(seq)
        } else {
            return nil
        }
    }
}

extension CommandFields {
    fileprivate mutating func attachPosition(_ name: String) -> AttachPosition? {
        guard let value = value(name) else { return nil }
        let position = AttachPosition(value)
        if position == nil { report(.invalid(name, "must be an integer from 0 to 2^53 - 1, or tail")) }
        return position
    }
}
