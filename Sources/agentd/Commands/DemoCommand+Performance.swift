import AgentProtocol
import AgentSystem
import ArgumentParser

extension DemoCommand {
    /// The steps of the demo, played against a daemon's socket.
    struct Performance {
        /// Where everything is shown and claimed.
        private(set) var stage: Stage
        /// Who answers; nil for the built-in script.
        let model: Model?
        /// Where the daemon listens.
        let socket: String
        /// What may interrupt the demo.
        let signals: SignalDescriptor
        /// The session that steps 1 to 5 are about.
        let session = "demo"
        /// How long one step may take: the daemon, the machine and the model may be slow, but not for ever.
        let patience: Duration

        /// A performance against the daemon that listens at `socket` and asks `model`.
        init(socket: String, model: Model?, signals: SignalDescriptor, stage: Stage) {
            self.socket = socket
            self.model = model
            self.signals = signals
            self.stage = stage
            patience = .seconds(model == nil ? 30 : 120)
        }

        /// Plays all six steps.
        mutating func play() throws(ClientFailure) {
            stage.begin(1, "A streamed answer")
            let first = try converse("What are you?")
            guard !first.shown.isEmpty else { throw stage.failure("the model said nothing") }
            try stage.claim(
                "run_completed holds the text of the \(first.deltas) deltas",
                first.terminal.kind == .runCompleted && first.content == first.shown)

            stage.begin(2, "A stop in mid-answer, from a second connection")
            let asked = try converseUntilStopped()
            guard let second = asked.last else { return }
            try checkStop(second)

            stage.begin(3, "The stopped turn is remembered")
            let third = try checkMemory(of: second)

            stage.begin(4, "The list of sessions and of runs")
            let turns = [first] + asked + [third]
            try checkLists(turns)

            stage.begin(5, "The history of the session")
            try checkHistory(turns)

            stage.begin(6, "The same from a shell: socat and jq")
            try playShell()
        }

        /// Asks until an answer is stopped: a model can be done before the stop is there, and then is asked again.
        ///
        /// - Returns: the turns, of which the last one was stopped.
        private func converseUntilStopped() throws(ClientFailure) -> [Turn] {
            var turns = [try converse("Tell me more.", stopAfter: 60)]
            while model != nil, turns.last?.terminal.kind == .runCompleted {
                guard turns.count < 3 else {
                    throw stage.failure("three answers were whole before they could be stopped")
                }
                stage.remark("The answer was whole before it could be stopped; once more.")
                turns.append(try converse("Tell me more, in 500 words.", stopAfter: 1))
            }
            return turns
        }
    }
}
