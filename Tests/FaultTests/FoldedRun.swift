import AgentTestKit

/// What a run's log says when it is read from the first event to the last.
struct FoldedRun {
    /// One message, as the log tells it.
    struct Message: Equatable, CustomStringConvertible {
        let role: String
        /// Nil where the log does not name it.
        let id: String?
        var content: String

        var description: String { "\(role) \(id ?? "-"): \(content)" }
    }

    /// The run.
    let id: String
    /// Its question, its texts and its calls, in order.
    private(set) var messages: [Message] = []
    /// Its end.
    private(set) var terminal: LedgerFile.Event?
    /// What no log may say.
    private(set) var violations: [String] = []
    /// Its events by seq.
    private(set) var events: [Int64: LedgerFile.Event] = [:]
    /// Its place in a line, if it had to wait.
    private(set) var queued: LedgerFile.Event?
    /// Which place that was.
    var position: Int64? { queued.flatMap { ClientLedger.number(of: "position", in: $0.payload) } }
    /// Its beginning, if its turn came.
    private(set) var started: LedgerFile.Event?
    private var lastSeq: Int64 = 0
    private var openCalls: Set<String> = []

    init(id: String) { self.id = id }

    /// Its texts, joined by one blank line.
    var content: String {
        messages.filter { $0.role == "assistant" && !$0.content.isEmpty }.map(\.content).joined(separator: "\n\n")
    }

    /// Its messages, and its question where the log does not tell it because the run never began.
    func messages(asked question: String?) -> [Message] {
        guard started == nil, let question else { return messages }
        return [Message(role: "user", id: nil, content: question)] + messages
    }

    /// Reads the next event.
    mutating func add(_ event: LedgerFile.Event) {
        if terminal != nil { violate(event, "comes after the terminal event") }
        if event.seq <= lastSeq { violate(event, "does not rise") }
        if events.isEmpty, event.name != "run_started", event.name != "run_queued" {
            violate(event, "is the first event")
        }
        if event.seq > lastSeq + 1 { violate(event, "leaves a gap") }
        lastSeq = max(lastSeq, event.seq)
        events[event.seq] = event
        switch event.name {
        case "run_queued":
            if event.seq != 1 { violate(event, "is not the first event") }
            queued = event
        case "run_started":
            if started != nil { violate(event, "comes a second time") }
            started = event
            messages.append(Message(role: "user", id: event.userMessageID, content: event.input ?? ""))
        case "run_content":
            if let index = messages.lastIndex(where: { $0.id == event.messageID }) {
                messages[index].content += event.content ?? ""
            } else {
                messages.append(Message(role: "assistant", id: event.messageID, content: event.content ?? ""))
            }
        case "tool_call_started": openCalls.insert(event.toolCallID ?? "")
        case "tool_call_completed":
            if openCalls.remove(event.toolCallID ?? "") == nil { violate(event, "ends a call that is not open") }
            messages.append(Message(role: "tool", id: event.toolCallID, content: event.result ?? ""))
        case _ where event.isTerminal:
            if !openCalls.isEmpty { violate(event, "comes before the end of \(openCalls.sorted())") }
            terminal = event
        default: break
        }
    }

    private mutating func violate(_ event: LedgerFile.Event, _ what: String) {
        violations.append("\(id): \(event.name) \(event.seq) \(what)")
    }
}
