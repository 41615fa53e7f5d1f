import AgentProtocol
import ArgumentParser

extension DemoCommand {
    /// What the demo puts before its reader, and the word it keeps: a claim that does not hold ends it.
    struct Stage {
        private let output = Terminal.output
        private var step = "start"

        /// Begins a step.
        mutating func begin(_ number: Int, _ title: String) {
            step = "step \(number) (\(title))"
            write("\n")
            styled("\(number)  \(title)", "1")
            write("\n")
        }

        /// Writes a text of our own.
        func write(_ text: String) { output.write(text) }

        /// Shows a text from the daemon as it comes.
        func show(_ text: String) { output.show(text) }

        /// Shows a line as it would be typed at a shell or sent over the socket.
        func typed(_ line: String) {
            styled("   $ \(line)", "36")
            write("\n")
        }

        /// Shows a command as it is sent.
        func typed(_ command: JSONObject) {
            var writer = JSONWriter()
            writer.value(.object(command))
            typed(String(decoding: writer.bytes, as: UTF8.self))
        }

        /// Shows a line as it came; of a long one its beginning.
        func received(_ line: [UInt8]) {
            let text = Terminal.harmless(String(decoding: line, as: UTF8.self))
            styled("   \(text.count > 160 ? text.prefix(159) + "…" : text[...])", "2")
            write("\n")
        }

        /// Says something beside the play.
        func remark(_ text: String) {
            styled("   \(output.isTerminal ? Terminal.harmless(text) : text)", "2")
            write("\n")
        }

        /// Says what has been checked and found true.
        func claim(_ text: String, _ isTrue: Bool) throws(ClientFailure) {
            guard isTrue else { throw failure("this does not hold: \(text)") }
            styled("   ✓ ", "32")
            write("\(text)\n")
        }

        /// The failure that ends the demo in the step that is being played.
        func failure(_ text: String) -> ClientFailure {
            ClientFailure("the demo failed in \(step): \(text)", ExitStatus.failed)
        }

        /// The failure for a run that ended in `run_error`, in the daemon's words.
        func failure(ofRun frame: ClientFrame) -> ClientFailure {
            let status = frame["error"]?.object?["http_status"]?.int64
            let hint = status == 404 ? " (AGENTD_DEMO_MODEL names another model)" : ""
            return failure(frame.errorText + hint)
        }

        private func styled(_ text: String, _ style: String) {
            write(output.hasColours ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text)
        }
    }
}
