import AgentProtocol
import AgentSystem
import ArgumentParser

extension DemoCommand.Performance {
    /// Asks something in the demo's session and shows the answer; stops it once that many characters were shown.
    ///
    /// - Throws: `ClientFailure` with the daemon's error if the run fails, and when it takes longer than our patience.
    func converse(_ input: String, stopAfter: Int? = nil) throws(ClientFailure) -> Turn {
        let deadline = ContinuousClock.now + patience
        let client = try SocketClient(path: socket)
        let command: JSONObject = [
            "cmd": .string("run"), "input": .string(input), "session_id": .string(session),
        ]
        stage.typed(command)
        try client.send(command)
        var answer = AnswerText()
        var deltas = 0
        var stopped: (at: ContinuousClock.Instant, shown: String)?
        while let frame = try next(client, until: deadline) {
            if frame.ok == false { throw stage.failure(frame.errorText) }
            if frame.kind == .runRetrying { stage.remark("trying again: \(frame.errorText)") }
            if frame.kind == .runContent {
                stage.show(answer.add(frame))
                deltas += 1
            }
            if let stopAfter, stopped == nil, answer.text.count >= stopAfter {
                stage.write("\n")
                stopped = (.now, answer.text)
                stage.received(try ask(["cmd": .string("stop"), "session_id": .string(session)]).line)
            }
            guard frame.kind?.isTerminal == true else { continue }
            let stop = stopped.map { Turn.Stop(shown: $0.shown, took: ContinuousClock.now - $0.at) }
            stage.write("\n")
            client.finishSending()
            if let more = try next(client, until: deadline) {
                throw stage.failure("\(more.event ?? "a reply") came after \(frame.event ?? "")")
            }
            if frame.kind == .runError { throw stage.failure(ofRun: frame) }
            return Turn(input: input, shown: answer.text, terminal: frame, deltas: deltas, stop: stop)
        }
        throw stage.failure("the daemon closed the connection before the run had ended")
    }

    /// Sends one command over a connection of its own and returns its reply.
    func ask(_ command: JSONObject) throws(ClientFailure) -> ClientFrame {
        stage.typed(command)
        let client = try SocketClient(path: socket)
        try client.send(command)
        guard let reply = try next(client, until: .now + patience) else { throw stage.failure("no reply came") }
        guard reply.ok == true else { throw stage.failure(reply.errorText) }
        return reply
    }

    /// The messages of a session, oldest first.
    func history(of session: String) throws(ClientFailure) -> [JSONObject] {
        let reply = try ask(["cmd": .string("history"), "session_id": .string(session)])
        return reply["messages"]?.array?.compactMap(\.object) ?? []
    }

    /// The next frame; nil when the daemon has closed the connection.
    private func next(
        _ client: SocketClient, until deadline: ContinuousClock.Instant
    ) throws(ClientFailure) -> ClientFrame? {
        switch try client.next(until: deadline, signals: signals) {
        case .frame(let frame): return frame
        case .end: return nil
        case .signal: throw ClientFailure("interrupted", ExitStatus.failed)
        case .deadline, .other: throw stage.failure("it took longer than \(patience)")
        }
    }
}
