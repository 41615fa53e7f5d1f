import AgentEngine
import AgentProtocol

/// What clients were told, and where in the recording of the disk they were told it.
struct Testimony: Sendable {
    /// One event of a run.
    struct Event: Sendable {
        let position: Int
        let seq: Int64
        let kind: EventKind
        /// Its members, as they were told.
        let payload: [UInt8]
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
        /// Whether it ends when its client goes away.
        let isBound: Bool
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

        init(id: String, sessionID: String, input: String, isBound: Bool, position: Int) {
            self.id = id
            self.sessionID = sessionID
            self.input = input
            self.isBound = isBound
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

    /// A `delete`, of one conversation or of several.
    struct Deletion: Sendable {
        /// The runs that it takes away; none when it was refused as a whole.
        var runs: Set<String>
        /// Where it was asked for, and acknowledged.
        let askedAt: Int
        var acknowledgedAt: Int?
        /// Whether it was refused when some of it may have been done.
        var isPartial = false
    }

    /// An `update`. Each has a number of its own, in the title as in the summary.
    struct Update: Sendable {
        let number: Int
        let sessionID: String
        /// A run that says which conversation of this name is meant: names are free again after a `delete`.
        let run: String
        var acknowledgedAt: Int?
    }

    /// Every run that was accepted, by its name.
    var runs: [String: Run] = [:]
    /// What was asked to be deleted, and changed, in order.
    var deletions: [Deletion] = []
    var updates: [Update] = []
    /// Whether everything that was written was told too; what was on its way when the disk failed was not.
    var isComplete = true
    /// What no client may be told.
    var findings: [String] = []

    /// The runs of some conversations that are not known to be gone.
    func runs(where isMeant: (String) -> Bool) -> Set<String> {
        let gone = deletions.filter { $0.acknowledgedAt != nil }.reduce(into: Set()) { $0.formUnion($1.runs) }
        return Set(runs.values.filter { isMeant($0.sessionID) }.map(\.id)).subtracting(gone)
    }
}
