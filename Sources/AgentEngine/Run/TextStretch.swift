import AgentProtocol

/// Deltas of one kind that follow each other without another event between them, while their step is open.
///
/// The text stands in the run's log, escaped; this says how it was cut.
struct TextStretch {
    let kind: EventKind
    let messageID: [UInt8]
    let firstSeq: Int64
    /// When the first delta was, in epoch milliseconds.
    let time: Int64
    /// Where the text stands in the log's buffer of its kind.
    private(set) var range: Range<Int>
    private(set) var count = 0
    /// Lengths are those of the escaped text.
    private var boundaries: DeltaBoundaries

    init(_ kind: EventKind, messageID: [UInt8], seq: Int64, time: Int64, start: Int) {
        self.kind = kind
        self.messageID = messageID
        firstSeq = seq
        self.time = time
        range = start..<start
        boundaries = DeltaBoundaries(start: time)
    }

    /// The seq of the last delta.
    var lastSeq: Int64 { firstSeq + Int64(count) - 1 }

    /// Whether a delta that comes now belongs to the stretch.
    func isContinued(by kind: EventKind, seq: Int64, at start: Int) -> Bool {
        kind == self.kind && seq == lastSeq + 1 && start == range.upperBound && count < FoldedText.countAtMost
    }

    mutating func append(_ length: Int, at time: Int64) {
        boundaries.append(time: time, length: length)
        range = range.lowerBound..<range.upperBound + length
        count += 1
    }

    /// One delta of the stretch, its text as it stands in the buffer.
    struct Delta {
        let seq: Int64
        let time: Int64
        let range: Range<Int>
    }

    /// Calls `body` with the deltas after a seq, first to last, until it has enough.
    func forEachDelta(after seq: Int64, _ body: (Delta) -> Bool) {
        var reader = DeltaBoundaries.Reader(boundaries.bytes, start: time)
        var delta = firstSeq
        var start = range.lowerBound
        while let (time, length) = reader.next() {
            if delta > seq, !body(Delta(seq: delta, time: time, range: start..<start + length)) { return }
            delta += 1
            start += length
        }
    }

    /// Calls `body` with the deltas after a seq and up to another one. Neighbours that have no more than `limit` bytes
    /// together are one, with the seq and the time of the last.
    func forEachPiece(after seq: Int64, through last: Int64, mergedTo limit: Int, _ body: (Delta) -> Bool) {
        var piece: Delta?
        forEachDelta(after: seq) { delta in
            guard delta.seq <= last else { return false }
            if let earlier = piece {
                let both = earlier.range.lowerBound..<delta.range.upperBound
                if both.count <= limit {
                    piece = Delta(seq: delta.seq, time: delta.time, range: both)
                    return true
                }
                guard body(earlier) else {
                    piece = nil
                    return false
                }
            }
            piece = delta
            return true
        }
        if let piece { _ = body(piece) }
    }

    /// What the ledger keeps of the stretch; `offset` is where it begins in its message, in plain bytes.
    func folded(of run: RunID, text: [UInt8], offset: Int) -> (fold: FoldedText, plainLength: Int) {
        var plain = PackedBoundaries(start: time)
        var length = 0
        text.withUnsafeBytes { text in
            forEachDelta(after: 0) { delta in
                let piece = UnsafeRawBufferPointer(rebasing: text[delta.range])
                let bytes = JSONEscaping.unescapedCount(piece)
                plain.append(time: delta.time, length: bytes)
                length += bytes
                return true
            }
        }
        let fold = FoldedText(
            runID: run, messageID: MessageID(trusted: String(decoding: messageID, as: UTF8.self)), kind: kind,
            lastSeq: lastSeq, count: count, time: time, offset: offset,
            content: kind == .reasoningContent ? Array(text[range]) : nil, boundaries: plain.bytes)
        return (fold, length)
    }
}
