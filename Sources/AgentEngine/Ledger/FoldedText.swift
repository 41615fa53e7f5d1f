public import AgentProtocol

/// A stretch of one step's text or reasoning after the step has been closed: one row for all its events.
///
/// An answer's text is not in it, because the message's row holds that; reasoning stands nowhere else and is.
public struct FoldedText: Sendable {
    /// Events of one stretch at most: who reads from the middle of it cuts all that comes before.
    public static let countAtMost = 4096

    /// The run.
    public var runID: RunID
    /// The message that the text belongs to.
    public var messageID: MessageID
    /// `runContent` or `reasoningContent`.
    public var kind: EventKind
    /// The seq of the last event.
    public var lastSeq: Int64
    /// How many events were folded; their seqs have no gap.
    public var count: Int
    /// When the first event was, in epoch milliseconds; the boundaries' times count from it.
    public var time: Int64
    /// Where the stretch begins in the message's text, in bytes.
    public var offset: Int
    /// The reasoning, escaped; nil for an answer's text.
    public var content: [UInt8]?
    /// `PackedBoundaries`: where the events' texts end, in bytes of the plain text, and when they were.
    public var boundaries: [UInt8]
}
