public import AgentProtocol

/// What a live run has said and the ledger has committed, but no message row holds yet.
///
/// The text travels as it stands in the log: whoever wants to read it resolves its escapes, away from the loop.
public struct LiveAnswer: Sendable {
    /// The assistant's message in the making, its text left out.
    public let head: Message
    /// The seq of the run's last committed event.
    public let lastSeq: Int64
    /// The run's text, escaped, how much of it is committed, and which part of that belongs to the message.
    private let text: [UInt8]
    private let committed: Int
    private let part: Range<Int>

    /// An answer in the making, as the run's log has it.
    init(head: Message, text: [UInt8], committed: Int, part: Range<Int>, lastSeq: Int64) {
        self.head = head
        self.text = text
        self.committed = committed
        self.part = part
        self.lastSeq = lastSeq
    }

    /// An answer in the making whose texts are plain; `content` is the whole run's and ends with the message's.
    public init(message: Message, content: String, lastSeq: Int64) {
        var whole: [UInt8] = []
        JSONEscaping.append(content, to: &whole)
        var own: [UInt8] = []
        JSONEscaping.append(message.content, to: &own)
        let part = whole.count - own.count..<whole.count
        self.init(head: message, text: whole, committed: whole.count, part: part, lastSeq: lastSeq)
    }

    /// Whether any of the message is committed. Of one without text nothing is, not even its name.
    public var hasText: Bool { !part.isEmpty }

    /// The message with its text so far.
    public var message: Message {
        var message = head
        message.content = text(part)
        return message
    }

    /// The whole run's text so far, earlier steps included.
    public var content: String { text(0..<committed) }

    private func text(_ range: Range<Int>) -> String {
        text.withUnsafeBytes { JSONEscaping.unescape(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
