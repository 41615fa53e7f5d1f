import AgentProtocol

extension DemoCommand.Performance {
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
        /// What the stop met, if one was asked for.
        let stop: Stop?

        /// A stop that was asked for.
        struct Stop {
            /// What had been shown before.
            let shown: String
            /// From the command to the terminal event.
            let took: Duration
        }

        /// The answer as the terminal event holds it.
        var content: String { terminal.string("content") ?? "" }
        /// Whether it was cut off in the middle.
        var isInterrupted: Bool { terminal.kind == .runCancelled }
        /// The word for its end in the list of runs.
        var status: String { isInterrupted ? "interrupted" : "completed" }
    }
}
