public import AgentProtocol

/// A conversation, and how much is in it.
public struct SessionContents: Sendable {
    /// The conversation.
    public var record: SessionRecord
    /// Its runs.
    public var runs: Int64
    /// Its messages.
    public var messages: Int64

    /// About how many rows it has: a run has one of its own, and mostly three in its log.
    var rows: Int64 { 1 + messages + 4 * runs }

    /// Contents with everything said.
    public init(record: SessionRecord, runs: Int64, messages: Int64) {
        self.record = record
        self.runs = runs
        self.messages = messages
    }
}
