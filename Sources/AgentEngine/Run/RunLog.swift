import AgentProtocol

/// The end of one run's log that is still in memory: what has come and is not in a batch yet, and the text so far.
///
/// Text is kept as it stands in JSON strings, because that is how it came and how it leaves.
struct RunLog {
    /// What a pending piece is a piece of.
    enum Flow { case content, reasoning }

    /// The seq of the last event in a batch.
    private(set) var lastSeq: Int64
    /// All the run's text: the steps' texts, joined by one blank line.
    private(set) var text: [UInt8] = []
    /// Where the text of the step under way begins.
    private(set) var stepStart = 0
    /// How much of the text is committed.
    private(set) var committedEnd = 0
    /// The seq of the last committed event.
    private(set) var committedSeq: Int64 = 0
    private var pendingStart = 0
    private var reasoning: [UInt8] = []
    private let runIDBytes: [UInt8]
    private var messageIDBytes: [UInt8] = []

    /// The log of a run that begins.
    init(runID: RunID) {
        lastSeq = 0
        runIDBytes = Array(runID.text.utf8)
    }

    /// The log of a run that a crash left open: what it had said, escaped, and where its last step began.
    init(runID: RunID, lastSeq: Int64, text: [UInt8], stepStart: Int, messageID: MessageID) {
        self.lastSeq = lastSeq
        self.text = text
        self.stepStart = stepStart
        committedEnd = text.count
        pendingStart = text.count
        runIDBytes = Array(runID.text.utf8)
        messageIDBytes = Array(messageID.text.utf8)
    }

    /// Whether something waits for the next batch.
    var hasPending: Bool { pendingStart < text.count || !reasoning.isEmpty }

    /// Whether the step under way has text.
    var stepHasText: Bool { stepStart < text.count }

    /// The text of the step under way, and where it stands.
    var stepText: String { unescaped(stepRange) }
    var stepRange: Range<Int> { stepStart..<text.count }

    /// What is committed of the text, of which a part belongs to this message; the step under way when none is named.
    func liveAnswer(_ message: Message, in part: Range<Int>?) -> LiveAnswer {
        LiveAnswer(
            head: message, text: text, committed: committedEnd,
            part: (part ?? stepRange).clamped(to: 0..<committedEnd), lastSeq: committedSeq)
    }

    private func unescaped(_ range: Range<Int>) -> String {
        text.withUnsafeBytes { JSONEscaping.unescape(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// A step begins: what follows belongs to a message of its own. Nothing may be pending.
    mutating func beginStep(_ messageID: MessageID) {
        precondition(!hasPending, "a step's text must be in the log before the next step begins")
        messageIDBytes = Array(messageID.text.utf8)
        stepStart = text.count
    }

    /// Takes a piece of the answer or of the reasoning.
    ///
    /// The two flows are pending in one order only: the caller moves the other one into a batch first.
    mutating func append(_ escaped: UnsafeRawBufferPointer, to flow: Flow) {
        guard !escaped.isEmpty else { return }
        switch flow {
        case .reasoning: reasoning.append(contentsOf: escaped)
        case .content:
            if !stepHasText { joinStep() }
            text.append(contentsOf: escaped)
        }
    }

    /// Whether a piece of this flow may be appended without changing the order in which things were said.
    func accepts(_ flow: Flow) -> Bool {
        switch flow {
        case .reasoning: pendingStart == text.count
        case .content: reasoning.isEmpty
        }
    }

    /// One blank line stands between the texts of two steps in the whole, and in no delta.
    private mutating func joinStep() {
        if !text.isEmpty { text.append(contentsOf: Self.blankLine) }
        stepStart = text.count
        pendingStart = text.count
    }

    /// A blank line, as it stands in a JSON string.
    static let blankLine = Array(#"\n\n"#.utf8)

    /// Takes words of our own, which are not escaped yet.
    mutating func say(_ words: String) {
        var escaped: [UInt8] = []
        JSONEscaping.append((stepHasText ? "\n\n" : "") + words, to: &escaped)
        escaped.withUnsafeBytes { append($0, to: .content) }
    }

    /// Moves what is pending into the batch: one event, or several when it is larger than a delta may be.
    mutating func flush(into batch: LedgerBatch, at now: Timestamp) -> Range<Int> {
        let first = batch.events.count
        var start = 0
        while start < reasoning.count {
            let end = EscapedText.boundary(in: reasoning, from: start, limit: Limits.deltaBytes)
            appendDelta(.reasoningContent, reasoning, start..<end, into: batch, at: now)
            start = end
        }
        reasoning.removeAll(keepingCapacity: true)
        while pendingStart < text.count {
            let end = EscapedText.boundary(in: text, from: pendingStart, limit: Limits.deltaBytes)
            let range = pendingStart..<end
            pendingStart = end
            appendDelta(.runContent, text, range, into: batch, at: now)
        }
        return first..<batch.events.count
    }

    private static let deltaHead = Array(#"{"content":""#.utf8)
    private static let deltaMiddle = Array(#"","message_id":""#.utf8)
    private static let deltaTail = Array(#""}"#.utf8)

    private mutating func appendDelta(
        _ kind: EventKind, _ source: [UInt8], _ range: Range<Int>, into batch: LedgerBatch, at now: Timestamp
    ) {
        let name = appendName(to: batch)
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: Self.deltaHead)
        source.withUnsafeBytes { batch.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
        batch.bytes.append(contentsOf: Self.deltaMiddle)
        batch.bytes.append(contentsOf: messageIDBytes)
        batch.bytes.append(contentsOf: Self.deltaTail)
        appendRow(kind, name, start..<batch.bytes.count, into: batch, at: now)
    }

    /// Adds an event that is not a delta. What was said before it must be in the batch already.
    mutating func append(
        _ kind: EventKind, into batch: LedgerBatch, at now: Timestamp, _ payload: (inout JSONWriter) -> Void
    ) -> Int {
        precondition(!hasPending, "an event may not overtake what was said before it")
        var writer = JSONWriter()
        writer.beginObject()
        payload(&writer)
        writer.endObject()
        let name = appendName(to: batch)
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: writer.bytes)
        appendRow(kind, name, start..<batch.bytes.count, into: batch, at: now)
        return batch.events.count - 1
    }

    private func appendName(to batch: LedgerBatch) -> Range<Int> {
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: runIDBytes)
        return start..<batch.bytes.count
    }

    private mutating func appendRow(
        _ kind: EventKind, _ name: Range<Int>, _ payload: Range<Int>, into batch: LedgerBatch, at now: Timestamp
    ) {
        lastSeq += 1
        batch.events.append(
            LedgerBatch.Event(
                runID: name, seq: lastSeq, ts: now.milliseconds, kind: kind, payload: payload, contentEnd: pendingStart)
        )
        if kind.isSealed { batch.isSealed = true }
    }

    /// The event at this row is committed.
    mutating func committed(_ event: LedgerBatch.Event) {
        committedEnd = event.contentEnd
        committedSeq = event.seq
    }
}
