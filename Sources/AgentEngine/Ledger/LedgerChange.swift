public import AgentProtocol

/// A row of a table other than the log.
public enum LedgerChange: Sendable {
    /// A conversation begins.
    case sessionCreated(SessionRecord)
    /// Something happened in a conversation.
    case sessionTouched(SessionID, at: Timestamp)
    /// A message is whole.
    case messageAdded(Message, SessionID)
    /// A step is closed: its deltas become one row.
    case textFolded(FoldedText)
    /// A run is accepted; `request` is the command as JSON.
    case runAccepted(RunRecord, request: [UInt8])
    /// A stop is asked for, with the words that came with it.
    case stopRequested(RunID, at: Timestamp, reason: String?)
    /// A run has ended.
    case runEnded(RunEnd)

    /// Whether the row must be synced before anybody hears of it.
    var isSealed: Bool {
        switch self {
        case .sessionCreated, .runAccepted, .stopRequested, .runEnded: true
        case .sessionTouched, .messageAdded, .textFolded: false
        }
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
