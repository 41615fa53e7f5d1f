import AgentProtocol

/// How a step is closed, how one that a crash left open comes back, and how what is still in memory is read again.
extension RunLog {
    /// The open step is closed: gives what the ledger keeps of it instead of its deltas. Nothing may be pending.
    mutating func closeStep() -> [FoldedText] {
        precondition(!hasPending, "a step's text must be in the log before the step is closed")
        var offset = 0
        let folds = open.map { stretch in
            let isReasoning = stretch.kind == .reasoningContent
            let folded = stretch.folded(
                of: runID, text: isReasoning ? reasoning : text, offset: isReasoning ? 0 : offset)
            if !isReasoning { offset += folded.plainLength }
            return folded.fold
        }
        closing.append(open)
        open = []
        openSince = nil
        return folds
    }

    /// The oldest closed step is in the ledger: what was remembered of it can go.
    mutating func saved() {
        closing.removeFirst()
        guard closing.isEmpty, open.isEmpty, reasoningStart == reasoning.count else { return }
        reasoning = []
        reasoningStart = 0
    }

    /// Takes a delta that a crash left open, as the ledger has it.
    mutating func restore(_ delta: UnfinishedRun.Delta) {
        let isReasoning = delta.kind == .reasoningContent
        messageIDBytes = Array(delta.messageID.text.utf8)
        var escaped: [UInt8] = []
        JSONEscaping.append(delta.content, to: &escaped)
        escaped.withUnsafeBytes { append($0, to: isReasoning ? .reasoning : .content) }
        lastSeq = delta.seq - 1
        let end = isReasoning ? reasoning.count : text.count
        note(delta.kind, end - escaped.count..<end, at: delta.time.milliseconds)
        lastSeq = delta.seq
        reasoningStart = reasoning.count
        pendingStart = text.count
        committedEnd = text.count
        committedSeq = delta.seq
    }

    /// Events that are no deltas may have come after the last one that was restored.
    mutating func goOn(after seq: Int64) { lastSeq = max(lastSeq, seq) }

    // MARK: Reading out again

    /// Calls `body` with the committed deltas that follow a seq without a gap and are still in memory, each with its
    /// payload, up to about `limit` bytes, neighbours merged where they have no more than `mergedTo` bytes together;
    /// returns the seq of the last one, or `seq` itself when the next event is not here.
    func replay(
        after seq: Int64, limit: Int, mergedTo: Int, _ body: (EventKind, Int64, Int64, UnsafeRawBufferPointer) -> Void
    ) -> Int64 {
        var last = seq
        var payload: [UInt8] = []
        var rest = limit
        for stretch in closing.joined() + open where stretch.firstSeq <= last + 1 && stretch.lastSeq > last && rest > 0
        {
            let source = stretch.kind == .reasoningContent ? reasoning : text
            stretch.forEachPiece(after: last, through: committedSeq, mergedTo: mergedTo) { delta in
                guard rest > 0 else { return false }
                payload.removeAll(keepingCapacity: true)
                source.withUnsafeBytes {
                    DeltaPayload.append(
                        UnsafeRawBufferPointer(rebasing: $0[delta.range]), messageID: stretch.messageID, to: &payload)
                }
                payload.withUnsafeBytes { body(stretch.kind, delta.seq, delta.time, $0) }
                rest -= payload.count
                last = delta.seq
                return true
            }
        }
        return last
    }
}
