/// Where a run stands.
///
/// `queued → running ⇄ paused → completed | interrupted | error`. `stopping` is reported while a stop is committed
/// and the terminal event is not; it is stored as `running` with the time of the stop request.
public enum RunStatus: String, Sendable, CaseIterable {
    case queued, running, paused, stopping, completed, interrupted, error

    /// Whether the run has had its one terminal event.
    public var isTerminal: Bool {
        switch self {
        case .completed, .interrupted, .error: true
        case .queued, .running, .paused, .stopping: false
        }
    }
}

/// Why the model ended its answer, in our words; the provider's own word travels beside it.
public enum StopReason: String, Sendable, CaseIterable {
    case stop, length
    case stopSequence = "stop_sequence"
    case refusal
    case contentFilter = "content_filter"
    case other
}

/// Why a run was cut off before its natural end.
public enum CancelReason: String, Sendable, CaseIterable {
    case stop, disconnect, replaced
}

/// Which events of a run a command wants on its connection.
public enum StreamMode: String, Sendable, CaseIterable {
    /// Every event.
    case full
    /// Only the pause and the terminal event.
    case final
    /// No event: the reply is all.
    case none
}

/// What becomes of a run whose session has a live one.
public enum BusyPolicy: String, Sendable, CaseIterable {
    /// It is refused.
    case reject
    /// It waits for its turn.
    case queue
    /// It takes the live one's place.
    case replace
}

/// What becomes of a run when the connection that started it goes away.
public enum DisconnectPolicy: String, Sendable, CaseIterable {
    case stop
    case `continue`
}

/// Who wrote a message.
public enum Role: String, Sendable, CaseIterable {
    case user, assistant, tool, system
}
