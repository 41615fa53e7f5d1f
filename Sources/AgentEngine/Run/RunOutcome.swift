import AgentProtocol

/// The one way in which a run ends.
enum RunOutcome: Equatable, Sendable {
    /// The model ended its answer.
    case completed(StopReason, providerReason: String?)
    /// Somebody cut it off; `message` is what they said.
    case cancelled(CancelReason, message: String?)
    /// Something went wrong.
    case failed(ErrorRecord)

    var status: RunStatus {
        switch self {
        case .completed: .completed
        case .cancelled: .interrupted
        case .failed: .error
        }
    }

    var eventKind: EventKind {
        switch self {
        case .completed: .runCompleted
        case .cancelled: .runCancelled
        case .failed: .runError
        }
    }

    var stopReason: StopReason? {
        if case .completed(let reason, _) = self { reason } else { nil }
    }

    var cancelReason: CancelReason? {
        if case .cancelled(let reason, _) = self { reason } else { nil }
    }

    var error: ErrorRecord? {
        if case .failed(let error) = self { error } else { nil }
    }

    /// The mark that the answer's text gets, so that reader and model know; nil when it needs none.
    func note(haltNote: String) -> String? {
        switch self {
        case .completed, .cancelled(.disconnect, _), .cancelled(.replaced, _): nil
        case .cancelled(.stop, _): haltNote.isEmpty ? nil : haltNote
        case .failed(let error): "[error: \(error.code.rawValue)]"
        }
    }
}
