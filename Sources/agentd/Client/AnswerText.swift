/// Folds the deltas of a run into its answer: grouped by message, the messages joined by one blank line.
///
/// This is the same text as the `content` of the terminal event.
struct AnswerText {
    private var messages: [(id: String, text: String)] = []

    /// The answer so far.
    var text: String { messages.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n\n") }

    /// Takes a `run_content`; returns what to show for it after what was shown before.
    mutating func add(_ frame: ClientFrame) -> String {
        // No text, no blank line: what is shown stays the same as `text`.
        guard let delta = frame.string("content"), !delta.isEmpty else { return "" }
        let id = frame.string("message_id") ?? ""
        if let last = messages.indices.last, messages[last].id == id {
            messages[last].text += delta
            return delta
        }
        let isFirst = messages.allSatisfy(\.text.isEmpty)
        messages.append((id, delta))
        return isFirst ? delta : "\n\n" + delta
    }

    /// Takes back a message that an attempt has superseded (`discards` of `run_retrying`).
    mutating func discard(_ id: String) {
        messages.removeAll { $0.id == id }
    }
}
