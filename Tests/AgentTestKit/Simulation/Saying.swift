import AgentProtocol

/// Something that was said in one breath: text, reasoning or a tool call.
struct Saying: Equatable {
    var kind: EventKind
    var text: String
}

extension [Saying] {
    /// Adds a piece; pieces of one kind that follow each other are one.
    mutating func add(_ kind: EventKind, _ text: String) {
        guard !text.isEmpty else { return }
        if kind != .toolCallStarted, last?.kind == kind {
            self[endIndex - 1].text += text
        } else {
            append(Saying(kind: kind, text: text))
        }
    }
}
