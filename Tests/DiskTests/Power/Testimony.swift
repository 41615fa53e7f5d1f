import AgentEngine
import AgentProtocol

/// What clients were told, and where in the recording of the disk they were told it.
struct Testimony: Sendable {
    /// One event of a run.
    struct Event: Sendable {
        let position: Int
        let seq: Int64
        let kind: EventKind
        /// The message that it is a piece of.
        let messageID: String?
        /// The piece; for a terminal event the whole text.
        let content: String?
    }

    /// A run as its client knows it.
    struct Run: Sendable {
        let id: String
        let sessionID: String
        let input: String
        /// Where it was accepted.
        let position: Int
        /// What was told of it, in order.
        var events: [Event] = []
        /// Where its stop was acknowledged, if it was.
        var stoppedAt: Int?
        /// Where a restart had closed it, if one had.
        var closedAt: Int?

        /// The terminal event, if it was told.
        var terminal: Event? { events.last.flatMap { $0.kind.isTerminal ? $0 : nil } }

        /// The pieces of each message that were told up to a place.
        func texts(upTo position: Int) -> [String: String] {
            var texts: [String: String] = [:]
            for event in events where event.kind == .runContent && event.position <= position {
                texts[event.messageID ?? "", default: ""] += event.content ?? ""
            }
            return texts
        }

        /// The calls whose results were told up to a place.
        func calls(upTo position: Int) -> Int {
            events.filter { $0.kind == .toolCallCompleted && $0.position <= position }.count
        }
    }

    /// Every run that was accepted, by its name.
    var runs: [String: Run] = [:]
    /// What no client may be told.
    var findings: [String] = []

    /// Facts: acceptances, events, stops.
    var facts: Int { runs.values.reduce(0) { $0 + 1 + $1.events.count + ($1.stoppedAt == nil ? 0 : 1) } }
}
