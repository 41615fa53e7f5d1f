import AgentProtocol

/// Decides which of a conversation's messages the model is told, and in which words.
///
/// Only what is sent is shaped here; what is stored stays as it is.
public enum HistoryWindow {
    /// How turns that were stopped go to the model.
    public enum StoppedTurns: String, Sendable, CaseIterable {
        /// As they stand, with the mark of the stop.
        case note
        /// Without the mark.
        case plain
        /// Not at all.
        case exclude
    }

    /// What an answer without a word or a call is told as: providers refuse an empty one, and roles must alternate.
    static let noAnswer = "[no answer]"

    /// The last `turns` turns of a conversation, oldest first. A turn is a run's messages, and is never cut in two.
    static func messages(
        of stored: [Message], turns: Int, stoppedTurns: StoppedTurns, haltNote: String
    ) -> [Message] {
        var groups: [[Message]] = []
        for message in stored {
            if groups.last?.last?.runID == message.runID {
                groups[groups.count - 1].append(message)
            } else {
                groups.append([message])
            }
        }
        if stoppedTurns == .exclude { groups.removeAll { turn in turn.contains { $0.interrupted } } }
        return groups.suffix(turns).flatMap { turn in
            turn.indices.map { index in
                let isCalling = index + 1 < turn.endIndex && turn[index + 1].role == .tool
                return told(turn[index], isCalling: isCalling, stoppedTurns: stoppedTurns, haltNote: haltNote)
            }
        }
    }

    private static func told(
        _ message: Message, isCalling: Bool, stoppedTurns: StoppedTurns, haltNote: String
    ) -> Message {
        guard message.role == .assistant else { return message }
        var told = message
        if stoppedTurns == .plain, message.interrupted, !haltNote.isEmpty, told.content.hasSuffix(haltNote) {
            told.content.removeLast(haltNote.count)
            while told.content.last == "\n" { told.content.removeLast() }
        }
        if told.content.isEmpty, !isCalling { told.content = noAnswer }
        return told
    }
}
