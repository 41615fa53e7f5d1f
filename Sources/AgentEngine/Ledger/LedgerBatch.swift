public import AgentProtocol

/// What one transaction holds, and what may happen once it is committed.
///
/// Events are kept as rows over one run of bytes, so that a token costs copies and no allocation.
///
/// `@unchecked Sendable` is safe: a batch has one holder at a time. The engine fills it, hands it to the journal with
/// `commit`, and does not touch it before `committed`; the journal only reads what is public.
public final class LedgerBatch: @unchecked Sendable {
    /// One row of a run's log; offsets point into `bytes`.
    public struct Event: Sendable {
        /// The run's name.
        public let runID: Range<Int>
        /// Place in the run's log.
        public let seq: Int64
        /// When, in epoch milliseconds.
        public let ts: Int64
        /// What happened.
        public let kind: EventKind
        /// The event's own members: a JSON object.
        public let payload: Range<Int>
        /// What the ledger keeps of the payload: all of it, or what stands nowhere else (`RunPayload`).
        public let kept: Range<Int>
        /// How far the run's text reached with this event.
        let contentEnd: Int

        /// Whether the event is a piece of a step that is not closed yet. Such rows have a table of their own, because
        /// they are many, and are needed only until the step is closed and its text folded.
        public var isDelta: Bool { kind.isDelta }
    }

    /// Where the rows' bytes are.
    public internal(set) var bytes: [UInt8] = []
    /// Rows for the logs, in order.
    public internal(set) var events: [Event] = []
    /// Rows for the other tables, in order.
    public internal(set) var changes: [LedgerChange] = []
    /// Whether the transaction must be synced before it counts.
    public internal(set) var isSealed = false
    /// Deltas of all batches before this one, since the engine began.
    public internal(set) var earlierDeltas: Int64 = 0
    /// Deltas in this batch.
    public internal(set) var deltas: Int64 = 0
    /// Deltas before this one (counted from 0 since the engine began) belong to closed steps once the batch is
    /// committed: their rows can go. Nil when nobody has counted.
    public internal(set) var closedDeltas: Int64?
    /// What happens after the commit, in order.
    var releases: [Release] = []

    /// An empty batch.
    public init() {}

    /// Whether there is nothing to commit (there may be something to release).
    public var hasNoRows: Bool { events.isEmpty && changes.isEmpty }

    /// Bytes kept for the next use, so that one large batch does not hold its memory for ever.
    private static let keptBytes = 256 << 10

    /// Adds a row of another table.
    func append(_ change: LedgerChange) {
        changes.append(change)
        isSealed = isSealed || change.isSealed
    }

    /// Makes the batch ready for its next use.
    func reset() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        events.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        releases.removeAll(keepingCapacity: true)
        isSealed = false
        earlierDeltas = 0
        deltas = 0
        closedDeltas = nil
    }

    /// What the commit sets free.
    enum Release {
        /// The event at this index of `events` may be read out.
        case event(RunDriver, Int)
        /// A reply may be given.
        case reply(() -> Void)
        /// The run waits in line.
        case joined(RunDriver)
        /// Work on the run may begin.
        case begin(RunDriver)
        /// The oldest message that the run has closed has its row.
        case saved(RunDriver)
        /// The run has ended, and its place is free.
        case end(RunDriver)
        /// A request to an agent's model is over.
        case asked(Agent, milliseconds: Int64)
        /// A request has used so much.
        case used(Usage, Agent)
    }
}
