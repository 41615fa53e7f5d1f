public import AgentEngine
public import AgentProtocol

/// A `run` as its client sees it.
public final class SimulatedRun {
    /// What was asked.
    public let command: RunCommand
    /// The stream, unless none was wanted.
    public let sink: RecordingSink?
    /// What was answered; one reply when all is well.
    public internal(set) var replies: [Result<RunAcceptance, AgentError>] = []
    /// Whether the daemon ended before it answered, or the client before it could hear.
    public internal(set) var isCut = false
    /// Whether the client has gone away.
    var isAbandoned = false

    init(_ command: RunCommand) {
        self.command = command
        sink = command.stream == .none ? nil : RecordingSink(wantsFinalOnly: command.stream == .final)
    }

    /// The acceptance, if it has come.
    public var acceptance: RunAcceptance? { try? replies.first?.get() }

    /// The refusal, if it has come.
    public var refusal: AgentError? {
        guard case .failure(let error) = replies.first else { return nil }
        return error
    }

    /// The run's name; one that no run has when it is not accepted.
    public var runID: RunID { acceptance?.runID ?? RunID(trusted: "not-accepted") }

    /// The conversation's name; one that no conversation has when the run is not accepted.
    public var sessionID: SessionID { acceptance?.sessionID ?? SessionID(trusted: "not-accepted") }

    /// What was streamed.
    public var events: [RecordedEvent] { sink?.events ?? [] }

    /// The kinds of what was streamed.
    public var kinds: [EventKind] { events.map(\.kind) }

    /// The pieces of the answer, as they came.
    public var pieces: [String] { events.filter { $0.kind == .runContent }.compactMap { $0["content"] } }

    /// The terminal event, if it has come.
    public var terminal: RecordedEvent? { events.last.flatMap { $0.kind.isTerminal ? $0 : nil } }
}
