public import AgentEngine
public import AgentProtocol

/// An `attach` as its client sees it.
public final class SimulatedStream {
    /// What was asked.
    public let command: AttachCommand
    /// What was streamed; nothing when no stream was wanted.
    public let sink: RecordingSink?
    /// What was answered; one reply when all is well.
    public internal(set) var replies: [Result<Attachment, AgentError>] = []
    /// Whether the daemon ended, or the client went away, before the run had ended.
    public var isCut = false

    init(_ command: AttachCommand) {
        self.command = command
        sink = command.stream == .none ? nil : RecordingSink(wantsFinalOnly: command.stream == .final)
    }

    /// The attachment, if it has come.
    public var attachment: Attachment? { try? replies.first?.get() }

    /// The refusal, if it has come.
    public var refusal: AgentError? {
        guard case .failure(let error) = replies.first else { return nil }
        return error
    }

    /// What was streamed.
    public var events: [RecordedEvent] { sink?.events ?? [] }

    /// The places in the log of what was streamed.
    public var seqs: [Int64] { events.map(\.seq) }

    /// Whether the client has been told the end.
    public var isOver: Bool { events.last?.kind.isTerminal == true }
}
