internal import AgentEngine
internal import AgentProtocol

/// Single records.
extension LedgerReader {
    func get(_ command: GetCommand, _ live: LiveAnswer?) throws(StoreError) -> Result<[UInt8], AgentError> {
        if let run = command.runID { return try self.run(run, command, live) }
        if let message = command.messageID { return try self.message(message, command, live) }
        return .failure(.invalid("run_id", "or message_id is required"))
    }

    private func run(
        _ name: RunID, _ command: GetCommand, _ live: LiveAnswer?
    ) throws(StoreError) -> Result<[UInt8], AgentError> {
        let found = try RunTable.find(name, on: connection)
        guard var run = found, command.userID == nil || run.userID == command.userID else {
            return .failure(AgentError(.runNotFound, "there is no run named \(name)"))
        }
        run.content = try answer(of: run)
        if let live, !run.status.isTerminal {
            run.content = live.content
            run.lastSeq = live.lastSeq
        }
        var writer = JSONWriter()
        writer.key("run")
        run.write(to: &writer, whole: true, from: command.offset)
        return .success(writer.bytes)
    }

    private func message(
        _ name: MessageID, _ command: GetCommand, _ live: LiveAnswer?
    ) throws(StoreError) -> Result<[UInt8], AgentError> {
        let found = try MessageTable.find(name, on: connection)
        guard let message = found ?? live?.message,
            let run = try RunTable.find(message.runID, on: connection),
            command.userID == nil || run.userID == command.userID
        else { return .failure(.invalid("message_id", "names no message")) }
        var writer = JSONWriter()
        writer.key("message")
        message.write(to: &writer, from: command.offset)
        return .success(writer.bytes)
    }
}
