public import AgentProtocol

/// A row of a table other than the log.
public enum LedgerChange: Sendable {
    /// A conversation begins.
    case sessionCreated(SessionRecord)
    /// Something happened in a conversation.
    case sessionTouched(SessionID, at: Timestamp)
    /// What a list shows of a conversation is changed: title, summary, whether it is active, metadata.
    case sessionChanged(SessionRecord)
    /// A conversation goes, with all that is in it. It has no open run.
    case sessionDeleted(SessionID)
    /// A message is whole.
    case messageAdded(Message, SessionID)
    /// An answer is whole; what it says stands beside it.
    case answerAdded(Message, SessionID, EscapedSlice)
    /// A step is closed: its deltas become one row.
    case textFolded(FoldedText)
    /// A message has another place in its conversation.
    case messageMoved(MessageID, to: Int64)
    /// A run is accepted.
    case runAccepted(RunRecord, RunOrigin)
    /// A run that waited in line begins.
    case runBegan(RunID, at: Timestamp, model: String?, provider: String?)
    /// A run that waits in line goes on without its client.
    case runUnbound(RunID)
    /// A stop is asked for, with the words that came with it.
    case stopRequested(RunID, at: Timestamp, reason: String?)
    /// A run has ended.
    case runEnded(RunEnd)

    /// Whether the row must be synced before anybody hears of it.
    var isSealed: Bool {
        switch self {
        case .sessionCreated, .sessionChanged, .sessionDeleted, .runAccepted, .runBegan, .runUnbound, .stopRequested,
            .runEnded:
            true
        case .sessionTouched, .messageAdded, .answerAdded, .messageMoved, .textFolded: false
        }
    }
}

/// What a run was accepted with and only the ledger needs to know.
public struct RunOrigin: Sendable {
    /// The command as JSON; the question is not in it.
    public var request: [UInt8]
    /// What tells the command from another one.
    public var digest: InputDigest
    /// Whether the run ends when its client goes away.
    public var isBound: Bool

    /// An origin with everything said.
    public init(request: [UInt8], digest: InputDigest, isBound: Bool) {
        self.request = request
        self.digest = digest
        self.isBound = isBound
    }
}

/// How a run ended.
public struct RunEnd: Sendable {
    /// The run.
    public var runID: RunID
    /// `completed`, `interrupted` or `error`.
    public var status: RunStatus
    /// When.
    public var completedAt: Timestamp
    /// The last message of the answer.
    public var assistantMessageID: MessageID?
    /// What it cost.
    public var usage: Usage
    /// Why the model ended.
    public var stopReason: StopReason?
    /// Why it was cut off.
    public var cancelReason: CancelReason?
    /// What went wrong.
    public var error: ErrorRecord?
    /// The seq of its terminal event.
    public var lastSeq: Int64
}
