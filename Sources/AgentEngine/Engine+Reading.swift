public import AgentProtocol

extension Engine {
    /// Answers `list` with the members of its reply. Nothing is read for somebody who is gone.
    public func list(
        _ command: ListCommand, isWanted: @escaping () -> Bool = { true },
        reply: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        if command.kind == .agents { return reply(.success(agentPage(command))) }
        journal.read(.list(command), isWanted: isWanted, reply)
    }

    /// Answers `history` with the members of its reply.
    public func history(
        _ command: HistoryCommand, isWanted: @escaping () -> Bool = { true },
        reply: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        let live = gates[command.sessionID]?.live.flatMap { runs[$0]?.liveAnswer }
        journal.read(.history(command, live: live?.hasText == true ? live : nil), isWanted: isWanted, reply)
    }

    /// Answers `get` with the members of its reply.
    public func get(
        _ command: GetCommand, isWanted: @escaping () -> Bool = { true },
        reply: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        journal.read(.get(command, live: liveAnswer(command)), isWanted: isWanted, reply)
    }

    private func liveAnswer(_ command: GetCommand) -> LiveAnswer? {
        if let run = command.runID { return runs[run]?.liveAnswer }
        let live = runs.values.first { $0.liveMessageID == command.messageID }?.liveAnswer
        return live?.hasText == true ? live : nil
    }

    private func agentPage(_ command: ListCommand) -> [UInt8] {
        let rest = catalog.names.filter { name in command.cursor.map { name.text > $0 } ?? true }
        let page = rest.prefix(command.limit)
        var writer = JSONWriter()
        writer.key("items")
        writer.beginArray()
        for name in page { catalog[name]?.write(to: &writer) }
        writer.endArray()
        writer.member("next_cursor", page.count < rest.count ? page.last?.text : nil)
        return writer.bytes
    }
}
