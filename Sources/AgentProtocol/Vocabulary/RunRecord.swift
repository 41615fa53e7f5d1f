/// A run, as `get` and `list` show it.
public struct RunRecord: Equatable, Sendable {
    /// The run's name.
    public var runID: RunID
    /// The run that started this one, for a member of a team.
    public var parentRunID: RunID?
    /// The conversation it belongs to.
    public var sessionID: SessionID
    /// The user it was made for.
    public var userID: UserID?
    /// The agent that answers.
    public var agent: AgentName
    /// Where it stands.
    public var status: RunStatus
    /// The model that answers, in the provider's words.
    public var model: String?
    /// The provider that is asked.
    public var provider: String?
    /// The question.
    public var userMessageID: MessageID?
    /// The last message of the answer.
    public var assistantMessageID: MessageID?
    /// When it was accepted.
    public var createdAt: Timestamp
    /// When work on it began.
    public var startedAt: Timestamp?
    /// When it had its terminal event.
    public var completedAt: Timestamp?
    /// The answer's text so far; nil in lists.
    public var content: String?
    /// What it cost.
    public var usage: Usage?
    /// Why the model ended.
    public var stopReason: StopReason?
    /// Why it was cut off.
    public var cancelReason: CancelReason?
    /// What went wrong.
    public var error: ErrorRecord?
    /// The seq of its last event.
    public var lastSeq: Int64
    /// Whatever the host sent along.
    public var metadata: JSONObject?

    /// A run of which only the beginning is known; the rest is filled in as it comes.
    public init(
        runID: RunID, parentRunID: RunID? = nil, sessionID: SessionID, userID: UserID?, agent: AgentName,
        status: RunStatus, createdAt: Timestamp, lastSeq: Int64 = 0
    ) {
        self.runID = runID
        self.parentRunID = parentRunID
        self.sessionID = sessionID
        self.userID = userID
        self.agent = agent
        self.status = status
        self.createdAt = createdAt
        self.lastSeq = lastSeq
    }

    /// Writes the record: whole for `get`, without `content`, `output` and `requirements` in lists. With an offset the
    /// content is the piece that begins there.
    public func write(to writer: inout JSONWriter, whole: Bool, from offset: Int = 0) {
        writer.beginObject()
        writer.member("run_id", runID)
        writer.member("parent_run_id", parentRunID)
        writer.member("session_id", sessionID)
        writer.member("user_id", userID)
        writer.member("agent", agent)
        writer.member("status", status.rawValue)
        writer.member("model", model)
        writer.member("provider", provider)
        writer.member("user_message_id", userMessageID)
        writer.member("assistant_message_id", assistantMessageID)
        writer.member("created_at", createdAt)
        writer.member("started_at", startedAt)
        writer.member("completed_at", completedAt)
        if whole {
            let clip = ClippedText(content ?? "", from: offset)
            writer.member("content", clip.text)
            if clip.isClipped {
                writer.member("clipped", true)
                writer.member("bytes", Int64(clip.bytes))
            }
            writer.member("output", JSONValue?.none)
        }
        writer.key("usage")
        if let usage { usage.write(to: &writer) } else { writer.null() }
        writer.member("stop_reason", stopReason?.rawValue)
        writer.member("cancel_reason", cancelReason?.rawValue)
        writer.key("error")
        if let error { error.write(to: &writer) } else { writer.null() }
        if whole {
            writer.key("requirements")
            writer.beginArray()
            writer.endArray()
        }
        writer.member("last_seq", lastSeq)
        writer.member("metadata", metadata.map(JSONValue.object))
        writer.endObject()
    }
}
