import AgentProtocol
import AgentSystem
import ArgumentParser

extension DemoCommand {
    /// The steps of the demo, played against a daemon's socket.
    struct Performance {
        /// One question and what came of it.
        struct Turn {
            /// What was asked.
            let input: String
            /// What was shown of the answer: its deltas, put together.
            let shown: String
            /// The event that ended it.
            let terminal: ClientFrame
            /// How many deltas there were.
            let deltas: Int
            /// From the stop command to the terminal event, if it was stopped.
            let stopTook: Duration?

            /// The answer as the terminal event holds it.
            var content: String { terminal.string("content") ?? "" }
        }

        /// Where everything is shown and claimed.
        private(set) var stage: Stage
        private let socket: String
        private let signals: SignalDescriptor
        private let session = "demo"
        /// The daemon and the machine may be slow, but not for ever.
        private let patience = Duration.seconds(30)

        /// A performance against the daemon that listens at `socket`.
        init(socket: String, signals: SignalDescriptor, stage: Stage) {
            self.socket = socket
            self.signals = signals
            self.stage = stage
        }

        /// Plays all six steps.
        mutating func play() throws(ClientFailure) {
            stage.begin(1, "A streamed answer")
            let first = try converse("What are you?")
            try stage.claim("run_completed holds the text of the \(first.deltas) deltas", first.content == first.shown)

            stage.begin(2, "A stop in mid-answer, from a second connection")
            let second = try converse("Tell me more.", stopAfter: 60)
            try checkStop(second, whole: first)

            stage.begin(3, "The stopped turn is remembered")
            let third = try converse("What did you just say?")
            try stage.claim(
                "the model was sent the stopped answer, word for word with its mark",
                third.content.contains("\"\(second.content)\""))

            stage.begin(4, "The list of sessions and of runs")
            try checkLists([first, second, third])

            stage.begin(5, "The history of the session")
            try checkHistory([first, second, third])

            stage.begin(6, "The same from a shell: socat and jq")
            try playShell(socket: socket, signals: signals, until: .now + patience)
        }

        /// Asks something in the demo's session and shows the answer; stops it once that many characters were shown.
        private func converse(_ input: String, stopAfter: Int? = nil) throws(ClientFailure) -> Turn {
            let client = try SocketClient(path: socket)
            let command: JSONObject = [
                "cmd": .string("run"), "input": .string(input), "session_id": .string(session),
            ]
            stage.typed(command)
            try client.send(command)
            var answer = AnswerText()
            var deltas = 0
            var stoppedAt: ContinuousClock.Instant?
            while let frame = try next(client) {
                if frame.ok == false { throw stage.failure(frame.errorText) }
                if frame.kind == .runContent {
                    stage.show(answer.add(frame))
                    deltas += 1
                }
                if let stopAfter, stoppedAt == nil, answer.text.count >= stopAfter {
                    stage.write("\n")
                    stoppedAt = .now
                    stage.received(try ask(["cmd": .string("stop"), "session_id": .string(session)]).line)
                }
                guard frame.kind?.isTerminal == true else { continue }
                let took = stoppedAt.map { ContinuousClock.now - $0 }
                stage.write("\n")
                client.finishSending()
                if let more = try next(client) {
                    throw stage.failure("\(more.event ?? "a reply") came after \(frame.event ?? "")")
                }
                return Turn(input: input, shown: answer.text, terminal: frame, deltas: deltas, stopTook: took)
            }
            throw stage.failure("the daemon closed the connection before the run had ended")
        }

        /// Sends one command over a connection of its own and returns its reply.
        private func ask(_ command: JSONObject) throws(ClientFailure) -> ClientFrame {
            stage.typed(command)
            let client = try SocketClient(path: socket)
            try client.send(command)
            guard let reply = try next(client) else { throw stage.failure("no reply came") }
            guard reply.ok == true else { throw stage.failure(reply.errorText) }
            return reply
        }

        /// The next frame; nil when the daemon has closed the connection.
        private func next(_ client: SocketClient) throws(ClientFailure) -> ClientFrame? {
            switch try client.next(until: .now + patience, signals: signals) {
            case .frame(let frame): return frame
            case .end: return nil
            case .signal: throw ClientFailure("interrupted", ExitStatus.failed)
            case .deadline: throw stage.failure("nothing came for \(patience)")
            }
        }

        private func checkStop(_ turn: Turn, whole: Turn) throws(ClientFailure) {
            stage.received(turn.terminal.line)
            let milliseconds = turn.stopTook.map { Int($0 / .milliseconds(1)) } ?? 0
            try stage.claim(
                "run_cancelled, reason stop, \(milliseconds) ms after the command",
                turn.terminal.kind == .runCancelled && turn.terminal.string("reason") == "stop")
            try stage.claim("it holds what was shown and nothing else", turn.content == turn.shown)
            let note = "User halted response"
            try stage.claim(
                "the answer was cut off in the middle and marked \"\(note)\"",
                turn.content.hasSuffix(note) && turn.content.count < whole.content.count)
        }

        private func checkLists(_ turns: [Turn]) throws(ClientFailure) {
            let sessions = try ask(["cmd": .string("list")])
            stage.received(sessions.line)
            let ids = sessions["items"]?.array?.map { $0.object?["session_id"]?.string }
            try stage.claim("the session is listed", ids == [session])

            let runs = try ask(["cmd": .string("list"), "kind": .string("runs"), "session_id": .string(session)])
            var statuses: [String: String] = [:]
            for item in runs["items"]?.array ?? [] {
                guard let run = item.object, let id = run["run_id"]?.string else { continue }
                let status = run["status"]?.string ?? ""
                statuses[id] = status
                stage.show("   \(id)  \(status)  \(run["cancel_reason"]?.string ?? "")\n")
            }
            let seen = turns.map { $0.terminal.string("run_id").flatMap { statuses[$0] } }
            try stage.claim(
                "its three runs are listed: completed, interrupted, completed",
                seen == ["completed", "interrupted", "completed"] && statuses.count == 3)
        }

        private func checkHistory(_ turns: [Turn]) throws(ClientFailure) {
            let reply = try ask(["cmd": .string("history"), "session_id": .string(session)])
            let messages = reply["messages"]?.array?.compactMap(\.object) ?? []
            for message in messages {
                let role = message["role"]?.string ?? ""
                let text = (message["content"]?.string ?? "").split(separator: "\n").joined(separator: " / ")
                let mark = message["interrupted"]?.bool == true ? "  (interrupted)" : ""
                stage.show("   \(role): \(text.count > 70 ? text.prefix(69) + "…" : text[...])\(mark)\n")
            }
            try stage.claim(
                "every question and every answer is there, letter for letter as it was shown",
                messages.map { $0["content"]?.string } == turns.flatMap { [$0.input, $0.shown] })
            try stage.claim(
                "only the stopped answer is marked as interrupted",
                messages.map { $0["interrupted"]?.bool } == [false, false, false, true, false, false])
        }
    }
}
