import AgentProtocol

/// A `run` between its arrival and the decision on it.
final class PendingRun {
    let command: RunCommand
    let client: ClientID
    let sink: (any EventSink)?
    let reply: (Result<RunAcceptance, AgentError>) -> Void
    let runID: RunID
    let sessionID: SessionID
    let digest: InputDigest
    /// Whether no run is known to have the name that the client chose.
    var isNameFree: Bool
    /// Whether the client went away while the ledger was asked.
    var isClientGone = false

    init(
        command: RunCommand, client: ClientID, sink: (any EventSink)?, runID: RunID, sessionID: SessionID,
        reply: @escaping (Result<RunAcceptance, AgentError>) -> Void
    ) {
        self.command = command
        self.client = client
        self.sink = sink
        self.runID = runID
        self.sessionID = sessionID
        self.reply = reply
        digest = InputDigest(command)
        isNameFree = command.runID == nil
    }
}
