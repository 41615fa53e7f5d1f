import AgentProtocol

/// The text and the reasoning of one answer: keeps characters whole across deltas, and notes whether there was any.
struct AnswerText {
    private var said = JSONCursor.TextStream()
    private var thought = JSONCursor.TextStream()
    private var tags: ThinkTags?
    /// Whether any text has been said.
    private(set) var hasSaid = false

    /// `readsThinkTags` tells whether a `<think>` at the beginning marks reasoning.
    init(readsThinkTags: Bool) { tags = readsThinkTags ? ThinkTags() : nil }

    /// Takes a delta of the text.
    mutating func say(_ slice: JSONCursor.Slice, _ output: (StreamOutput) -> Void) {
        guard tags == nil else { return sayThroughTags(slice, output) }
        if !slice.isEmpty { hasSaid = true }
        said.take(slice) { output(.said($0)) }
    }

    /// Takes a delta of the reasoning.
    mutating func think(_ slice: JSONCursor.Slice, _ output: (StreamOutput) -> Void) {
        thought.take(slice) { output(.thought($0)) }
    }

    /// The answer is over: what waited for more is said as it is.
    mutating func end(_ output: (StreamOutput) -> Void) {
        thought.end { output(.thought($0)) }
        if var tags {
            said.end { tags.take($0, output) }
            tags.end(output)
            hasSaid = hasSaid || tags.hasSaid
            self.tags = nil
        } else {
            said.end { output(.said($0)) }
        }
    }

    private mutating func sayThroughTags(_ slice: JSONCursor.Slice, _ output: (StreamOutput) -> Void) {
        guard var tags = self.tags.take() else { return }
        said.take(slice) { tags.take($0, output) }
        hasSaid = hasSaid || tags.hasSaid
        // Past its beginning an answer is plain text, and goes the short way.
        self.tags = tags.isDone ? nil : tags
    }
}
