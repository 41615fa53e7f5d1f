import AgentEngine
import AgentLoop
import AgentProtocol

/// One command of one connection, on its way to its reply.
@LoopActor struct Request {
    let frame: CommandFrame
    let connection: Connection
    let slot: ReplyQueue<StreamOpening>.Slot

    /// Gives the reply; `body` writes what is the command's own.
    func answer<Value>(
        _ result: Result<Value, AgentError>, opening: StreamOpening? = nil,
        _ body: (Value, inout JSONWriter) -> Void
    ) {
        let name = frame.command.name
        switch result {
        case .success(let value):
            let reply = ReplyEncoder.success(name, id: frame.id, warnings: frame.warnings) { body(value, &$0) }
            connection.answer(slot, reply, opening: opening)
        case .failure(let error):
            connection.answer(
                slot, ReplyEncoder.failure(cmd: name, id: frame.id, error: error, warnings: frame.warnings))
        }
    }

    /// Gives a reply whose own members are written already.
    func answer(members: Result<[UInt8], AgentError>) { answer(members) { bytes, writer in writer.raw(bytes) } }
}
