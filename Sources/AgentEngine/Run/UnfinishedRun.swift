public import AgentProtocol

/// A run that the ledger holds without a terminal event: the daemon ended before it did.
public struct UnfinishedRun: Sendable {
    /// One event of its log.
    public struct Event: Sendable {
        /// What happened.
        public var kind: EventKind
        /// Place in the log.
        public var seq: Int64
        /// The event's own members.
        public var payload: JSONObject

        /// An event with everything said.
        public init(kind: EventKind, seq: Int64, payload: JSONObject) {
            self.kind = kind
            self.seq = seq
            self.payload = payload
        }
    }

    /// A piece of a step that was not closed.
    public struct Delta: Sendable {
        /// `runContent` or `reasoningContent`.
        public var kind: EventKind
        /// Place in the log.
        public var seq: Int64
        /// When it was.
        public var time: Timestamp
        /// The message that it is a piece of, which has no row yet.
        public var messageID: MessageID
        /// The text.
        public var content: String

        /// A piece with everything said.
        public init(kind: EventKind, seq: Int64, time: Timestamp, messageID: MessageID, content: String) {
            self.kind = kind
            self.seq = seq
            self.time = time
            self.messageID = messageID
            self.content = content
        }
    }

    /// The run's row.
    public var record: RunRecord
    /// Whether a stop was asked for.
    public var isStopRequested: Bool
    /// The words that came with the stop.
    public var stopReason: String?
    /// Its log, in order, without the text of the step that was open.
    public var events: [Event]
    /// The text and reasoning of that step, in order.
    public var deltas: [Delta]
    /// Messages of the run that have their rows, oldest first.
    public var messages: [Message]
    /// What tells its command from another one; nil when the ledger does not say.
    public var digest: InputDigest?
    /// Whether it ends when its client goes away.
    public var isBound: Bool
    /// Whether it joined its line in front.
    public var isInFront: Bool
    /// The last turn of its conversation.
    public var lastTurn: Int64
    /// The last turn there that does not wait in line.
    public var lastBegunTurn: Int64

    /// A run with everything said.
    public init(
        record: RunRecord, isStopRequested: Bool, stopReason: String?, events: [Event], deltas: [Delta],
        messages: [Message], digest: InputDigest?, isBound: Bool, isInFront: Bool, lastTurn: Int64, lastBegunTurn: Int64
    ) {
        self.record = record
        self.isStopRequested = isStopRequested
        self.stopReason = stopReason
        self.events = events
        self.deltas = deltas
        self.messages = messages
        self.digest = digest
        self.isBound = isBound
        self.isInFront = isInFront
        self.lastTurn = lastTurn
        self.lastBegunTurn = lastBegunTurn
    }

    /// Where its last message stands; its question has a row from the moment it is accepted.
    var lastPosition: Int64 { messages.last?.position ?? TurnPosition.question(of: lastTurn) }
}
