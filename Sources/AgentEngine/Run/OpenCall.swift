import AgentProtocol

/// A call that had begun and not ended when the daemon did.
struct OpenCall {
    private let runID: RunID
    private let id: ToolCallID
    private let name: String
    private let arguments: JSONValue?
    /// Whether the call may have acted: nobody had to be asked first.
    private let mayHaveActed: Bool

    /// The open calls of a run, in the order in which they were made.
    static func all(of run: UnfinishedRun) -> [OpenCall] {
        var open: [OpenCall] = []
        for event in run.events {
            guard let id = event.payload["tool_call_id"]?.string else { continue }
            switch event.kind {
            case .toolCallStarted:
                open.append(OpenCall(run.record.runID, ToolCallID(trusted: id), event.payload))
            case .toolCallCompleted:
                if let place = open.firstIndex(where: { $0.id.text == id }) { open.remove(at: place) }
            default: break
            }
        }
        return open
    }

    private init(_ runID: RunID, _ id: ToolCallID, _ started: JSONObject) {
        self.runID = runID
        self.id = id
        name = started["tool_name"]?.string ?? ""
        arguments = started["tool_arguments"]
        mayHaveActed = started["requirement_id"]?.string == nil
    }

    private var result: String {
        mayHaveActed
            ? "the daemon ended while the call was under way; whether it had an effect is not known"
            : "the call was not made: the daemon ended before it was allowed"
    }

    /// Adds the end of the call to the log, and returns the message that holds the call and what became of it.
    func close(
        step: Int64, position: Int64, messageID: MessageID, log: inout RunLog, into batch: LedgerBatch,
        at now: Timestamp
    ) -> Message {
        _ = log.append(.toolCallCompleted, into: batch, at: now) { writer in
            writer.member("tool_call_id", id)
            writer.member("tool_name", name)
            writer.member("status", mayHaveActed ? "unknown" : "cancelled")
            writer.member("result", result)
            // How long it went on died with the process.
            writer.member("duration_ms", Int64(0))
            writer.member("clipped", false)
        }
        return Message(
            messageID: messageID, runID: runID, step: step, position: position, role: .tool, content: result,
            toolCallID: id, toolName: name, toolArguments: arguments == .null ? nil : arguments, createdAt: now,
            completedAt: now)
    }
}
