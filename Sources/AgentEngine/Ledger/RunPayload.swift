public import AgentProtocol

/// The members of a run's first and last events. Nearly all of them stand in the run's row and in its messages, so the
/// ledger keeps only the rest and says the whole again from there.
public enum RunPayload {
    /// What of the beginning stands nowhere else: nothing.
    static let restOfStarted = Array("{}".utf8)

    /// Of `run_started`, from the run's row and its question.
    public static func started(_ run: RunRecord, _ question: String) -> [UInt8] {
        let clip = ClippedText(question)
        return object { writer in
            writer.member("status", RunStatus.running.rawValue)
            writer.member("agent", run.agent)
            writer.member("model", run.model)
            writer.member("provider", run.provider)
            writer.member("input", clip.text)
            if clip.isClipped {
                writer.member("clipped", true)
                writer.member("bytes", Int64(clip.bytes))
            }
            writer.member("user_message_id", run.userMessageID)
        }
    }

    /// What of an end stands nowhere else.
    static func rest(of outcome: RunOutcome) -> [UInt8] {
        object { writer in
            switch outcome {
            case .completed(_, let providerReason?): writer.member("provider_stop_reason", providerReason)
            case .cancelled(_, let message?): writer.member("message", message)
            case .completed, .cancelled, .failed: break
            }
        }
    }

    /// Of a terminal event, from the run's row, what the ledger kept and the whole answer, escaped; nil when the row
    /// does not say how the run ended.
    public static func ended(_ run: RunRecord, rest: JSONObject, answer: [UInt8]) -> [UInt8]? {
        guard let outcome = RunOutcome(run, rest), let usage = run.usage, let end = run.completedAt else { return nil }
        let bytes = answer.count > Limits.clipBytes ? answer.withUnsafeBytes(JSONEscaping.unescapedCount) : nil
        let duration = end.milliseconds - (run.startedAt ?? run.createdAt).milliseconds
        return ended(outcome, usage, after: duration, clipping: bytes)
    }

    /// `bytes` is the length of an answer that is cut.
    static func ended(_ outcome: RunOutcome, _ usage: Usage, after duration: Int64, clipping bytes: Int?) -> [UInt8] {
        object { writer in
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
            writer.member("duration_ms", duration)
            if let bytes {
                writer.member("clipped", true)
                writer.member("bytes", Int64(bytes))
            }
        }
    }

    private static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return writer.bytes
    }
}

extension RunOutcome {
    /// How a run ended that is read again.
    fileprivate init?(_ run: RunRecord, _ rest: JSONObject) {
        switch run.status {
        case .completed:
            guard let reason = run.stopReason else { return nil }
            self = .completed(reason, providerReason: rest["provider_stop_reason"]?.string)
        case .interrupted:
            guard let reason = run.cancelReason else { return nil }
            self = .cancelled(reason, message: rest["message"]?.string)
        case .error:
            guard let error = run.error else { return nil }
            self = .failed(error)
        case .queued, .running, .paused, .stopping: return nil
        }
    }
}
