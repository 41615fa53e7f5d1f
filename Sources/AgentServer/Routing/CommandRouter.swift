import AgentEngine
import AgentLoop
import AgentProtocol

/// The hall: takes each decoded line to the engine, and the engine's answer back to the connection.
@LoopActor final class CommandRouter {
    let engine: Engine
    let info: ServerInfo
    var connectionCount: () -> Int = { 0 }

    init(engine: Engine, info: ServerInfo) {
        self.engine = engine
        self.info = info
    }

    /// Handles one line; returns whether it was the connection's last.
    func route(_ line: DecodedLine, from connection: Connection) -> Bool {
        switch line {
        case .blank: return false
        case .rejected(let frame):
            let slot = connection.openReply()
            connection.answer(
                slot,
                ReplyEncoder.failure(cmd: frame.cmd, id: frame.id, error: frame.error, warnings: frame.warnings))
            return frame.close
        case .command(let frame):
            handle(Request(frame: frame, connection: connection, slot: connection.openReply()))
            return frame.close
        }
    }

    func refuseLongLine(on connection: Connection) {
        let error = AgentError(.lineTooLong, "a line may have at most \(Limits.lineBytes) bytes")
        connection.answer(connection.openReply(), ReplyEncoder.failure(cmd: nil, error: error))
    }

    private func handle(_ request: Request) {
        let isWanted = { !request.connection.isClosed }
        switch request.frame.command {
        case .run(let command): run(command, request)
        case .stop(let command):
            engine.stop(command) { result in
                request.answer(result) { accepted, writer in
                    writer.member("run_id", accepted.runID)
                    writer.member("status", accepted.status.rawValue)
                }
            }
        case .list(let command): engine.list(command, isWanted: isWanted) { request.answer(members: $0) }
        case .history(let command): engine.history(command, isWanted: isWanted) { request.answer(members: $0) }
        case .get(let command): engine.get(command, isWanted: isWanted) { request.answer(members: $0) }
        case .hello(let command): request.answer(hello(command)) { body, writer in body(&writer) }
        case .ping:
            request.answer(.success(EventLoop.shared.epochMilliseconds)) { ts, writer in writer.member("ts", ts) }
        case .help(let command):
            request.answer(.success(command.topic)) { topic, writer in HelpText.write(topic: topic, to: &writer) }
        }
    }

    private func run(_ command: RunCommand, _ request: Request) {
        let connection = request.connection
        var stream: EventStream?
        if command.stream != .none {
            guard connection.hasRoomForStream else {
                let error = AgentError(.overloaded, "a connection may stream \(Limits.streams) runs at once")
                return request.answer(members: .failure(error))
            }
            let made = EventStream(connection: connection, id: request.frame.id, mode: command.stream)
            connection.add(made)
            stream = made
        }
        engine.run(command, client: connection.client, sink: stream) { [engine] result in
            switch result {
            case .success(let accepted):
                stream?.begin(accepted.runID)
                if let stream, connection.isClosed { engine.unsubscribe(stream, from: accepted.runID) }
            case .failure: if let stream { connection.ended(stream) }
            }
            request.answer(result, opening: stream) { accepted, writer in
                writer.member("run_id", accepted.runID)
                writer.member("session_id", accepted.sessionID)
                writer.member("status", accepted.status.rawValue)
            }
        }
    }

    private func hello(_ command: HelloCommand) -> Result<(inout JSONWriter) -> Void, AgentError> {
        if let missing = command.require.first(where: { !Features.all.contains($0) }) {
            return .failure(
                AgentError(
                    .unsupportedFeature, "the feature \(missing) is not supported by this daemon",
                    fields: ["field": .string("require"), "feature": .string(missing)]))
        }
        return .success { [self] writer in
            writer.member("server", info.server)
            writer.member("protocol", Int64(1))
            writer.key("features")
            writer.beginArray()
            for feature in Features.all { writer.string(feature) }
            writer.endArray()
            writer.key("limits")
            writer.beginObject()
            for limit in Limits.all {
                writer.key(limit.name)
                writer.integer(limit.value)
            }
            writer.endObject()
            writer.member("durability", "sealed")
            writer.key("agents")
            writer.beginArray()
            for name in engine.agentNames { writer.string(name.text) }
            writer.endArray()
            writer.member("live_runs", Int64(engine.liveRuns))
            writer.member("queued", Int64(0))
            writer.member("connections", Int64(connectionCount()))
            writer.member("commit_p99_ms", info.commitP99Milliseconds())
            writer.member("last_storage_error", info.lastStorageError())
        }
    }
}
