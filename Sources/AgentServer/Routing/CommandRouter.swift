import AgentEngine
import AgentLoop
import AgentProtocol

/// The hall: takes each decoded line to the engine, and the engine's answer back to the connection.
@LoopActor final class CommandRouter {
    let engine: Engine
    let info: ServerInfo
    /// Clients at once.
    let connectionLimit: Int
    var load: () -> Load = { Load(connections: 0, unreadBytes: 0) }

    /// What the door has to carry now.
    struct Load {
        let connections: Int
        let unreadBytes: Int
    }

    init(engine: Engine, info: ServerInfo, connectionLimit: Int) {
        self.engine = engine
        self.info = info
        self.connectionLimit = connectionLimit
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
            handle(Request(frame: frame, connection: connection, slot: connection.openReply(frame.weight)))
            return frame.close
        }
    }

    func refuseLongLine(on connection: Connection) {
        let error = AgentError(.lineTooLong, "a line may have at most \(Limits.lineBytes) bytes")
        connection.answer(connection.openReply(), ReplyEncoder.failure(cmd: nil, error: error))
    }

    func refuseUnfinishedLine(on connection: Connection) {
        let error = AgentError.crowded("lines that have not ended take too much room, and this one took most of it")
        connection.answer(connection.openReply(), ReplyEncoder.failure(cmd: nil, error: error))
    }

    private func handle(_ request: Request) {
        switch request.frame.command {
        case .run(let command): run(command, request)
        case .stop(let command):
            engine.stop(command) { result in
                request.answer(result) { accepted, writer in
                    writer.member("run_id", accepted.runID)
                    writer.member("status", accepted.status.rawValue)
                    if let runs = accepted.runIDs {
                        writer.key("run_ids")
                        writer.beginArray()
                        for run in runs { writer.string(run.text) }
                        writer.endArray()
                    }
                }
            }
        case .attach(let command): attach(command, request)
        case .detach(let command): detach(command, request)
        case .update(let command):
            engine.update(command) { result in
                request.answer(result) { session, writer in
                    writer.key("session")
                    session.write(to: &writer)
                }
            }
        case .delete(let command):
            engine.delete(command) { result in
                request.answer(result) { deletion, writer in
                    writer.member("sessions", deletion.sessions)
                    writer.member("runs", deletion.runs)
                    writer.member("messages", deletion.messages)
                }
            }
        case .list(let command): page(request) { [engine] in engine.list(command, isWanted: $0, reply: $1) }
        case .history(let command): page(request) { [engine] in engine.history(command, isWanted: $0, reply: $1) }
        case .get(let command): page(request) { [engine] in engine.get(command, isWanted: $0, reply: $1) }
        case .hello(let command): request.answer(hello(command)) { body, writer in body(&writer) }
        case .ping:
            request.answer(.success(EventLoop.shared.epochMilliseconds)) { ts, writer in writer.member("ts", ts) }
        case .help(let command):
            request.answer(.success(command.topic)) { topic, writer in HelpText.write(topic: topic, to: &writer) }
        }
    }

    /// Reads a page when its client has room for it.
    private func page(
        _ request: Request,
        _ read: @escaping (_ isWanted: @escaping () -> Bool, @escaping (Result<[UInt8], AgentError>) -> Void) -> Void
    ) {
        let connection = request.connection
        connection.readPage(for: request.slot) {
            read({ !connection.isClosed }) { page in
                request.answer(members: connection.bounded(page))
                connection.pageCame()
            }
        }
    }

    private func run(_ command: RunCommand, _ request: Request) {
        let stream: EventStream?
        switch open(command.stream, request) {
        case .success(let opened): stream = opened
        case .failure(let error): return request.answer(members: .failure(error))
        }
        engine.run(command, client: request.connection.client, sink: stream) { [self] result in
            guard case .success(let accepted) = result, accepted.isExisting else {
                return answer(request, result, stream, result.success?.cursor)
            }
            // The command was sent again: its stream is the first one's, from the beginning.
            let attach = AttachCommand(
                runID: accepted.runID, userID: command.userID, after: .seq(0), stream: command.stream)
            engine.attach(attach, client: request.connection.client, sink: stream) { [self] attachment in
                answer(request, attachment.map { _ in accepted }, stream, attachment.success?.cursor)
            }
        }
    }

    private func answer(
        _ request: Request, _ result: Result<RunAcceptance, AgentError>, _ stream: EventStream?, _ cursor: RunCursor?
    ) {
        let opened = begin(stream, on: request.connection, cursor)
        let opening = stream == nil ? nil : result.success.map { StreamOpening(runID: $0.runID, stream: opened) }
        request.answer(result, opening: opening) { accepted, writer in
            writer.member("run_id", accepted.runID)
            writer.member("session_id", accepted.sessionID)
            writer.member("status", accepted.status.rawValue)
            if let position = accepted.position { writer.member("position", Int64(position)) }
            if accepted.isExisting { writer.member("existing", true) }
        }
    }

    private func attach(_ command: AttachCommand, _ request: Request) {
        let stream: EventStream?
        switch open(command.stream, request) {
        case .success(let opened): stream = opened
        case .failure(let error): return request.answer(members: .failure(error))
        }
        engine.attach(command, client: request.connection.client, sink: stream) { [self] result in
            let opened = begin(stream, on: request.connection, result.success?.cursor)
            // Who wants no stream leaves the one that is there alone.
            let opening = stream == nil ? nil : result.success.map { StreamOpening(runID: $0.runID, stream: opened) }
            request.answer(result, opening: opening) { attachment, writer in
                writer.member("run_id", attachment.runID)
                writer.member("session_id", attachment.sessionID)
                writer.member("status", attachment.status.rawValue)
                writer.member("last_seq", attachment.lastSeq)
                writer.key("requirements")
                writer.beginArray()
                writer.endArray()
            }
        }
    }

    private func detach(_ command: DetachCommand, _ request: Request) {
        engine.detach(command, client: request.connection.client) { result in
            let opening = result.success.map { StreamOpening(runID: $0, stream: nil) }
            request.answer(result, opening: opening) { run, writer in writer.member("run_id", run) }
        }
    }

    /// The stream that a command wants; it waits for its run.
    private func open(_ mode: StreamMode, _ request: Request) -> Result<EventStream?, AgentError> {
        guard mode != .none else { return .success(nil) }
        let connection = request.connection
        guard connection.hasRoomForStream else {
            return .failure(.crowded("a connection may stream \(Limits.streams) runs at once"))
        }
        let stream = EventStream(connection: connection, id: request.frame.id, mode: mode)
        connection.add(stream)
        return .success(stream)
    }

    /// A stream has its run now; or never will, and then there is none to open.
    private func begin(_ stream: EventStream?, on connection: Connection, _ cursor: RunCursor?) -> EventStream? {
        guard let stream else { return nil }
        guard let cursor else {
            connection.ended(stream)
            return nil
        }
        stream.begin(cursor)
        if connection.isClosed { engine.leave(cursor) }
        return stream
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
                // Few descriptors are for few clients.
                writer.integer(limit.name == "connections" ? Int64(connectionLimit) : limit.value)
            }
            writer.endObject()
            writer.member("durability", "sealed")
            writer.key("agents")
            writer.beginArray()
            for name in engine.agentNames { writer.string(name.text) }
            writer.endArray()
            writer.member("live_runs", Int64(engine.liveRuns))
            writer.member("queued", Int64(engine.queuedRuns))
            let load = load()
            writer.member("connections", Int64(load.connections))
            writer.member("unread_bytes", Int64(load.unreadBytes))
            writer.member("commit_p99_ms", info.commitP99Milliseconds())
            writer.member("last_storage_error", info.lastStorageError())
            writer.member("log_bytes", Int64(info.logBytes()))
            writer.member("last_reload_error", info.lastReloadError())
            writer.key("counters")
            engine.counters.write(to: &writer)
        }
    }
}

extension Result {
    /// What there is when nothing failed.
    fileprivate var success: Success? { if case .success(let value) = self { value } else { nil } }
}
