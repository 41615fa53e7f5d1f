/// The kinds of event a run's log may hold; the raw value is the name on the wire and in the ledger.
public enum EventKind: String, Sendable, CaseIterable {
    case runQueued = "run_queued"
    case runStarted = "run_started"
    case runContent = "run_content"
    case reasoningContent = "reasoning_content"
    case toolCallStarted = "tool_call_started"
    case toolCallCompleted = "tool_call_completed"
    case runRetrying = "run_retrying"
    case runPaused = "run_paused"
    case runContinued = "run_continued"
    case memberEvent = "member_event"
    case runCompleted = "run_completed"
    case runCancelled = "run_cancelled"
    case runError = "run_error"

    /// Whether the event is the last of its run.
    public var isTerminal: Bool {
        switch self {
        case .runCompleted, .runCancelled, .runError: true
        default: false
        }
    }

    /// Whether the event is a piece of text or reasoning.
    public var isDelta: Bool { self == .runContent || self == .reasoningContent }

    /// Whether the event must be synced to the disk, not only committed, before a byte of it leaves.
    public var isSealed: Bool {
        switch self {
        case .runContent, .reasoningContent, .runRetrying, .memberEvent: false
        default: true
        }
    }

    /// Whether a client that asked for `stream:"final"` gets the event.
    public var isFinal: Bool { isTerminal || self == .runPaused }
}
