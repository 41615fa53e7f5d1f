import AgentProtocol

/// The rows that end a run: its terminal event, and the closed run row.
///
/// Live runs and the recovery of runs that a crash left open end in the same words.
struct RunEnding {
    var outcome: RunOutcome
    var runID: RunID
    var sessionID: SessionID
    var assistantMessageID: MessageID?
    var usage: Usage
    var startedAt: Timestamp

    /// Adds the terminal event to the log and everything that goes with it to the batch.
    func write(to log: inout RunLog, into batch: LedgerBatch, at now: Timestamp) {
        let isClipped = log.text.count > Limits.clipBytes
        let bytes = isClipped ? log.text.withUnsafeBytes { JSONEscaping.unescapedCount($0) } : nil
        let payload = RunPayload.ended(
            outcome, usage, after: now.milliseconds - startedAt.milliseconds, clipping: bytes)
        _ = log.append(outcome.eventKind, into: batch, at: now, payload, keeping: RunPayload.rest(of: outcome))
        batch.append(.sessionTouched(sessionID, at: now))
        batch.append(
            .runEnded(
                RunEnd(
                    runID: runID, status: outcome.status, completedAt: now, assistantMessageID: assistantMessageID,
                    usage: usage, stopReason: outcome.stopReason, cancelReason: outcome.cancelReason,
                    error: outcome.error, lastSeq: log.lastSeq)))
    }
}
