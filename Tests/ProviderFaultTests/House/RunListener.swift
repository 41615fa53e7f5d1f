import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit

/// One run as its client sees it, with a signal for the first piece of its answer.
final class RunListener: EventSink {
    let record = RecordingSink()
    let heard = Signal()
    /// Called for each event, after it has been kept.
    var onEvent: (EventKind) -> Void = { _ in }
    /// Whether events are kept; a flood is only counted.
    var keepsEvents = true
    private(set) var contentBytes = 0
    private(set) var terminals = 0
    private(set) var acceptance: RunAcceptance?
    private(set) var refusal: AgentError?

    var wantsFinalOnly: Bool { false }
    var hasRoom: Bool { true }

    func fellBehind() {}

    func broke(_ reason: String) { record.broke(reason) }

    func replied(_ result: Result<RunAcceptance, AgentError>) {
        switch result {
        case .success(let acceptance): self.acceptance = acceptance
        case .failure(let error): refusal = error
        }
    }

    func deliver(_ event: borrowing CommittedEvent) {
        let kind = event.kind
        if kind == .runContent { contentBytes += event.payload.count }
        if kind.isTerminal { terminals += 1 }
        if keepsEvents || kind.isTerminal { record.deliver(event) }
        if kind == .runContent { heard.set() }
        onEvent(kind)
    }

    var events: [RecordedEvent] { record.events }
    var terminal: RecordedEvent? { events.last.flatMap { $0.kind.isTerminal ? $0 : nil } }
    var isOver: Bool { terminals > 0 || refusal != nil }
}
