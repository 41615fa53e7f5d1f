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
    /// Its log, in order, without text.
    public var events: [Event]
    /// The text and reasoning of the step that was open, in order.
    public var deltas: [Delta]
    /// Messages of the run that have their rows, oldest first.
    public var messages: [Message]
    /// The next free position in its conversation.
    public var nextPosition: Int64

    /// A run with everything said.
    public init(
        record: RunRecord, isStopRequested: Bool, stopReason: String?, events: [Event], deltas: [Delta],
        messages: [Message], nextPosition: Int64
    ) {
        self.record = record
        self.isStopRequested = isStopRequested
        self.stopReason = stopReason
        self.events = events
        self.deltas = deltas
        self.messages = messages
        self.nextPosition = nextPosition
    }
}

/// Closes what a crash left open: the text that was committed stays, gets its mark, and the run its one terminal.
public enum RunRecovery {
    /// Adds the closing rows of one run to a batch. The batch is committed before the daemon listens, so that closing
    /// twice is impossible: either all of it is in the ledger or none.
    public static func close(
        _ run: UnfinishedRun, haltNote: String, environment: any Environment, into batch: LedgerBatch
    ) {
        let now = environment.now()
        let outcome: RunOutcome =
            run.isStopRequested
            ? .cancelled(.stop, message: run.stopReason)
            : .failed(ErrorRecord(.daemonRestart, "the daemon ended while the run was live"))
        let messageID = run.deltas.last?.messageID ?? MessageID(trusted: "msg_" + environment.makeName())
        var log = RunLog(
            runID: run.record.runID, closedText: closedText(run), lastSeq: run.events.last?.seq ?? 0)
        let lastSeq = log.lastSeq
        log.beginStep(messageID)
        for delta in run.deltas { log.restore(delta) }
        log.goOn(after: lastSeq)
        if let note = outcome.note(haltNote: haltNote) { log.say(note) }
        _ = log.flush(into: batch, at: now)
        // Calls of the step that broke off have their rows; the place before them was kept for its answer.
        let answered = Set(run.messages.filter { $0.role == .assistant }.map(\.step))
        let openCall = run.messages.first { $0.role == .tool && !answered.contains($0.step) }
        let message = Message(
            messageID: messageID, runID: run.record.runID,
            step: openCall?.step ?? (run.messages.last?.step ?? 0) + 1,
            position: openCall.map { $0.position - 1 } ?? run.nextPosition, role: .assistant, content: log.stepText,
            createdAt: run.record.createdAt, completedAt: now, interrupted: outcome.status == .interrupted,
            error: outcome.error)
        batch.append(.messageAdded(message, run.record.sessionID))
        for fold in log.closeStep() { batch.append(.textFolded(fold)) }
        RunEnding(
            outcome: outcome, runID: run.record.runID, sessionID: run.record.sessionID, assistantMessageID: messageID,
            usage: Usage(requests: message.step, incomplete: true), startedAt: run.record.createdAt
        ).write(to: &log, into: batch, at: now)
    }

    /// What the closed steps said, escaped, as the run's log has it.
    private static func closedText(_ run: UnfinishedRun) -> [UInt8] {
        var text: [UInt8] = []
        for message in run.messages where message.role == .assistant && !message.content.isEmpty {
            if !text.isEmpty { text.append(contentsOf: RunLog.blankLine) }
            JSONEscaping.append(message.content, to: &text)
        }
        return text
    }
}
