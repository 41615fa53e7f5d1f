public import AgentEngine
public import AgentProtocol

/// A `stop` as its client sees it.
public final class SimulatedStop {
    /// What was asked.
    public let command: StopCommand
    /// What was answered; one reply when all is well.
    public internal(set) var replies: [Result<StopAcceptance, AgentError>] = []
    /// Whether the daemon ended before it answered.
    public internal(set) var isCut = false

    init(_ command: StopCommand) { self.command = command }

    /// The status in the reply, if it has come and is no refusal.
    public var status: RunStatus? { (try? replies.first?.get())?.status }

    /// The run in the reply, if it has come and is no refusal.
    public var runID: RunID? { (try? replies.first?.get())?.runID }

    /// The runs in the reply, where all of a session were meant.
    public var runIDs: [RunID]? { (try? replies.first?.get())?.runIDs }

    /// The refusal, if it has come.
    public var refusal: AgentError? {
        guard case .failure(let error) = replies.first else { return nil }
        return error
    }
}
