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
        private(set) var events: [Event] = []
        /// The text of each of its answers, by the message's name.
        private(set) var texts: [String: Text] = [:]
        /// Where its stop was acknowledged, if it was.
        var stoppedAt: Int?
        /// Where a restart had closed it, if one had.
        var closedAt: Int?

        init(id: String, sessionID: String, input: String, position: Int) {
            self.id = id
            self.sessionID = sessionID
            self.input = input
            self.position = position
        }

        /// Takes the next event.
        mutating func add(_ event: Event) {
            events.append(event)
            if event.kind == .toolCallCompleted { calls.append(event.position) }
            guard event.kind == .runContent else { return }
            texts[event.messageID ?? "", default: Text()].add(event.content ?? "", at: event.position)
        }

        /// The terminal event, if it was told.
        var terminal: Event? { events.last.flatMap { $0.kind.isTerminal ? $0 : nil } }

        /// The calls whose results were told up to a place.
        func calls(upTo position: Int) -> Int { calls.count { $0 <= position } }

        private var calls: [Int] = []
    }

    /// The text of one message, as it grew.
    struct Text: Sendable {
        /// All that was told of it.
        private(set) var whole = ""
        private var marks: [(position: Int, bytes: Int)] = []

        fileprivate mutating func add(_ piece: String, at position: Int) {
            whole += piece
            marks.append((position, whole.utf8.count))
        }

        /// How many bytes of it had been told at a place.
        func bytes(upTo position: Int) -> Int { marks.last { $0.position <= position }?.bytes ?? 0 }
    }

    /// Every run that was accepted, by its name.
    var runs: [String: Run] = [:]
    /// Whether everything that was written was told too; what was on its way when the disk failed was not.
    var isComplete = true
    /// What no client may be told.
    var findings: [String] = []

    /// Facts: acceptances, events, stops.
    var facts: Int { runs.values.reduce(0) { $0 + 1 + $1.events.count + ($1.stoppedAt == nil ? 0 : 1) } }
}
