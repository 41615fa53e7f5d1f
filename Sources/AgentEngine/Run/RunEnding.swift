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
        let bytes = isClipped ? log.text.withUnsafeBytes { JSONEscaping.unescapedCount($0) } : 0
        _ = log.append(outcome.eventKind, into: batch, at: now) { writer in
            writer.member("status", outcome.status.rawValue)
            switch outcome {
            case .completed(let reason, let providerReason):
                writer.member("output", JSONValue?.none)
                writer.member("stop_reason", reason.rawValue)
                writer.member("provider_stop_reason", providerReason)
            case .cancelled(let reason, let message):
                writer.member("reason", reason.rawValue)
                writer.member("message", message)
                writer.member("forced", false)
            case .failed(let error):
                writer.key("error")
                error.write(to: &writer)
            }
            writer.key("usage")
            usage.write(to: &writer)
            writer.member("duration_ms", now.milliseconds - startedAt.milliseconds)
            if isClipped {
                writer.member("clipped", true)
                writer.member("bytes", Int64(bytes))
            }
        }
        batch.append(.sessionTouched(sessionID, at: now))
        batch.append(
            .runEnded(
                RunEnd(
                    runID: runID, status: outcome.status, completedAt: now, assistantMessageID: assistantMessageID,
                    usage: usage, stopReason: outcome.stopReason, cancelReason: outcome.cancelReason,
                    error: outcome.error, lastSeq: log.lastSeq)))
    }
}
