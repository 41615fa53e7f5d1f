import AgentProtocol

/// The end of one run's log that is still in memory: what has come and is not in a batch yet, and the text so far.
///
/// Text is kept as it stands in JSON strings, because that is how it came and how it leaves.
struct RunLog {
    /// What a pending piece is a piece of.
    enum Flow { case content, reasoning }

    /// The seq of the last event in a batch.
    var lastSeq: Int64
    /// All the run's text: the steps' texts, joined by one blank line.
    var text: [UInt8] = []
    /// Where the text of the step under way begins.
    var stepStart = 0
    /// How much of the text is committed.
    var committedEnd = 0
    /// The seq of the last committed event.
    var committedSeq: Int64 = 0
    /// The number of the open step's first delta, counted over all runs since the engine began; nil before it.
    var openSince: Int64?
    var pendingStart = 0
    /// The reasoning of the steps that are not closed in the ledger.
    var reasoning: [UInt8] = []
    var reasoningStart = 0
    /// How the open step's text was cut, and that of closed steps whose rows are not committed, oldest first.
    var open: [TextStretch] = []
    var closing: [[TextStretch]] = []
    let runID: RunID
    let runIDBytes: [UInt8]
    var messageIDBytes: [UInt8] = []

    /// The log of a run that begins, or that goes on after a crash: the text of its closed steps, escaped and joined,
    /// and the seq of its last event.
    init(runID: RunID, closedText: [UInt8] = [], lastSeq: Int64 = 0) {
        self.runID = runID
        self.lastSeq = lastSeq
        text = closedText
        stepStart = text.count
        committedEnd = text.count
        committedSeq = lastSeq
        pendingStart = text.count
        runIDBytes = Array(runID.text.utf8)
    }

    /// Whether something waits for the next batch.
    var hasPending: Bool { pendingStart < text.count || reasoningStart < reasoning.count }

    /// Whether the step under way has text.
    var stepHasText: Bool { stepStart < text.count }

    /// The text of the step under way, and where it stands.
    var stepText: EscapedSlice { EscapedSlice(bytes: text, range: stepRange) }
    var stepRange: Range<Int> { stepStart..<text.count }

    /// What is committed of the text, of which a part belongs to this message; the step under way when none is named.
    func liveAnswer(_ message: Message, in part: Range<Int>?) -> LiveAnswer {
        LiveAnswer(
            head: message, text: text, committed: committedEnd,
            part: (part ?? stepRange).clamped(to: 0..<committedEnd), lastSeq: committedSeq)
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
        case .content: reasoningStart == reasoning.count
        }
    }

    /// One blank line stands between the texts of two steps in the whole, and in no delta.
    mutating func joinStep() {
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
        while reasoningStart < reasoning.count {
            let end = EscapedText.boundary(in: reasoning, from: reasoningStart, limit: Limits.deltaBytes)
            appendDelta(.reasoningContent, reasoningStart..<end, into: batch, at: now)
            reasoningStart = end
        }
        while pendingStart < text.count {
            let end = EscapedText.boundary(in: text, from: pendingStart, limit: Limits.deltaBytes)
            let range = pendingStart..<end
            pendingStart = end
            appendDelta(.runContent, range, into: batch, at: now)
        }
        return first..<batch.events.count
    }

    private mutating func appendDelta(
        _ kind: EventKind, _ range: Range<Int>, into batch: LedgerBatch, at now: Timestamp
    ) {
        let name = appendName(to: batch)
        let start = batch.bytes.count
        let append = { (source: UnsafeRawBufferPointer) in
            DeltaPayload.append(
                UnsafeRawBufferPointer(rebasing: source[range]), messageID: messageIDBytes, to: &batch.bytes)
        }
        if kind == .runContent { text.withUnsafeBytes(append) } else { reasoning.withUnsafeBytes(append) }
        note(kind, range, at: now.milliseconds)
        if openSince == nil { openSince = batch.earlierDeltas + batch.deltas }
        batch.deltas += 1
        appendRow(kind, name, start..<batch.bytes.count, into: batch, at: now)
    }

    /// Remembers how the open step was cut; the delta's row comes next.
    mutating func note(_ kind: EventKind, _ range: Range<Int>, at time: Int64) {
        let seq = lastSeq + 1
        // Looked at where it stands: `last` would be a copy, for each token.
        let isContinued = !open.isEmpty && open[open.count - 1].isContinued(by: kind, seq: seq, at: range.lowerBound)
        if !isContinued {
            open.append(TextStretch(kind, messageID: messageIDBytes, seq: seq, time: time, start: range.lowerBound))
        }
        open[open.count - 1].append(range.count, at: time)
    }

    /// Adds an event that is not a delta. What was said before it must be in the batch already.
    mutating func append(
        _ kind: EventKind, into batch: LedgerBatch, at now: Timestamp, _ payload: (inout JSONWriter) -> Void
    ) -> Int {
        var writer = JSONWriter()
        writer.beginObject()
        payload(&writer)
        writer.endObject()
        return append(kind, into: batch, at: now, writer.bytes)
    }

    /// Adds an event that is not a delta, of whose payload the ledger keeps something else, if that is given.
    mutating func append(
        _ kind: EventKind, into batch: LedgerBatch, at now: Timestamp, _ payload: [UInt8], keeping kept: [UInt8]? = nil
    ) -> Int {
        precondition(!hasPending, "an event may not overtake what was said before it")
        let name = appendName(to: batch)
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: payload)
        let end = batch.bytes.count
        if let kept { batch.bytes.append(contentsOf: kept) }
        appendRow(
            kind, name, start..<end, keeping: kept.map { _ in end..<batch.bytes.count }, into: batch, at: now)
        return batch.events.count - 1
    }

    private func appendName(to batch: LedgerBatch) -> Range<Int> {
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: runIDBytes)
        return start..<batch.bytes.count
    }

    mutating func appendRow(
        _ kind: EventKind, _ name: Range<Int>, _ payload: Range<Int>, keeping kept: Range<Int>? = nil,
        into batch: LedgerBatch, at now: Timestamp
    ) {
        lastSeq += 1
        batch.events.append(
            LedgerBatch.Event(
                runID: name, seq: lastSeq, ts: now.milliseconds, kind: kind, payload: payload, kept: kept ?? payload,
                contentEnd: pendingStart))
        if kind.isSealed { batch.isSealed = true }
    }

    /// The event at this row is committed.
    mutating func committed(_ event: LedgerBatch.Event) {
        committedEnd = event.contentEnd
        committedSeq = event.seq
    }
}
