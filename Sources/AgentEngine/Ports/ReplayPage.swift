public import AgentProtocol

/// Asks for a part of a run's log.
public struct ReplayQuery: Sendable {
    /// The run.
    public var runID: RunID
    /// The seq before the first event that is wanted.
    public var after: Int64
    /// Whether only the pauses and the terminal event are wanted.
    public var finalOnly: Bool
    /// About how many bytes of payload are wanted at once.
    public var limit: Int

    /// A question with everything said.
    public init(runID: RunID, after: Int64, finalOnly: Bool, limit: Int) {
        self.runID = runID
        self.after = after
        self.finalOnly = finalOnly
        self.limit = limit
    }
}

/// A part of a run's log as the ledger has it: the events that follow a seq, up to the first that it does not have,
/// because a step of a live run is still open.
public struct ReplayPage: Sendable {
    /// One event; ranges point into `bytes`.
    public struct Event: Sendable {
        /// What happened.
        public var kind: EventKind
        /// Place in the run's log.
        public var seq: Int64
        /// When, in epoch milliseconds.
        public var time: Int64
        /// The event's own members: a JSON object.
        public var payload: Range<Int>
        /// The answer's text, escaped, for a terminal event.
        public var content: Range<Int>?
    }

    /// Where the events' bytes are.
    public private(set) var bytes: [UInt8] = []
    /// The events, in order.
    public private(set) var events: [Event] = []
    /// Whether the ledger may have more.
    public var hasMore = false

    /// An empty page.
    public init() {}

    /// Adds an event whose payload `write` appends.
    public mutating func append(
        _ kind: EventKind, seq: Int64, time: Int64, content: [UInt8]? = nil, _ write: (inout [UInt8]) -> Void
    ) {
        let start = bytes.count
        write(&bytes)
        let end = bytes.count
        if let content { bytes.append(contentsOf: content) }
        events.append(
            Event(
                kind: kind, seq: seq, time: time, payload: start..<end,
                content: content.map { _ in end..<bytes.count }))
    }
}
