import AgentProtocol

/// What the run writes into its log, and who reads it.
extension RunDriver {
    /// Moves what is pending into the batch under way.
    func flush() {
        isDirty = false
        guard log.hasPending else { return }
        let batch = engine.batch
        for index in log.flush(into: batch, at: engine.now) { batch.releases.append(.event(self, index)) }
    }

    func append(_ kind: EventKind, _ payload: (inout JSONWriter) -> Void) {
        flush()
        let index = log.append(kind, into: engine.batch, at: engine.now, payload)
        engine.batch.releases.append(.event(self, index))
    }

    /// Reads a committed event out to everybody who listens.
    func release(_ event: LedgerBatch.Event, of batch: LedgerBatch) {
        log.committed(event)
        if event.kind.isFinal { finalSeq = event.seq }
        guard !cursors.isEmpty else { return }
        batch.bytes.withUnsafeBytes { bytes in
            log.text.withUnsafeBytes { text in
                let committed = CommittedEvent(
                    runID: record.runID, sessionID: record.sessionID, kind: event.kind, seq: event.seq, ts: event.ts,
                    payload: UnsafeRawBufferPointer(rebasing: bytes[event.payload]),
                    content: event.kind.isTerminal
                        ? UnsafeRawBufferPointer(rebasing: text[..<terminalContentEnd]) : nil)
                // A cursor that was read to from the ledger may have had what the engine hears of only now.
                for cursor in cursors where cursor.isLive && event.seq > cursor.position { cursor.hear(committed) }
            }
        }
    }

    /// A line stays below what is promised: a longer text is cut, and the payload says so.
    private var terminalContentEnd: Int { EscapedText.boundary(in: log.text, from: 0, limit: Limits.clipBytes) }

    // MARK: Streams

    /// The seq of the last committed event.
    var committedSeq: Int64 { log.committedSeq }

    /// The seq of the last committed event that a stream may want.
    func lastSeq(for cursor: RunCursor) -> Int64 { cursor.sink.wantsFinalOnly ? finalSeq : committedSeq }

    /// The number of the open step's first delta; nil when it has none.
    var openSince: Int64? { log.openSince }

    func add(_ cursor: RunCursor) { cursors.append(cursor) }

    func remove(_ cursor: RunCursor) { cursors.removeAll { $0 === cursor } }

    func removeCursors(of client: ClientID) { cursors.removeAll { $0.client == client } }

    /// Reads committed text that is still in memory out to a stream that lags; false when what it needs next is not.
    func replay(to cursor: RunCursor, limit: Int) -> Bool {
        guard !cursor.sink.wantsFinalOnly else { return false }
        let before = cursor.position
        let mergedTo = cursor.hasFallenBehind ? Limits.deltaBytes : 0
        let last = log.replay(after: cursor.position, limit: limit, mergedTo: mergedTo) { kind, seq, time, payload in
            cursor.deliver(
                CommittedEvent(
                    runID: record.runID, sessionID: record.sessionID, kind: kind, seq: seq, ts: time, payload: payload,
                    content: nil))
        }
        return last > before
    }

    /// The message whose text is being written, or is written and not in its row yet.
    var liveMessageID: MessageID? { (unsaved.first?.message ?? stepMessage)?.messageID }

    /// What the run has said so far, for those who ask while it is live.
    ///
    /// A later message's text is committed with or after an earlier one's row: only the first without one has any.
    var liveAnswer: LiveAnswer? {
        guard let message = unsaved.first?.message ?? stepMessage else { return nil }
        return log.liveAnswer(message, in: unsaved.first?.text)
    }
}
