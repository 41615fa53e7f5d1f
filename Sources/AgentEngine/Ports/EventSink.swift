public import AgentProtocol

/// A cursor on a run's log: is handed each event after it has been committed.
public protocol EventSink: AnyObject {
    /// Takes one event. The event's bytes are gone when the call returns.
    func deliver(_ event: borrowing CommittedEvent)
    /// Whether only the pause and the terminal event are wanted.
    var wantsFinalOnly: Bool { get }
    /// Whether more may be read out now; when it becomes true again, the engine is told.
    var hasRoom: Bool { get }
    /// An event came for which there was no room: the cursor waits at its place until the engine is told to read on.
    func fellBehind()
    /// Nothing more comes, although the run has not ended: a word for the client.
    func broke(_ reason: String)
}

/// One event as it stands in the ledger. Valid only during the call that hands it over.
public struct CommittedEvent: ~Copyable {
    /// The run whose log this is.
    public let runID: RunID
    /// The run's conversation.
    public let sessionID: SessionID
    /// What happened.
    public let kind: EventKind
    /// Place in the run's log.
    public let seq: Int64
    /// When, in epoch milliseconds.
    public let ts: Int64
    /// The event's own members: a JSON object.
    public let payload: UnsafeRawBufferPointer
    /// The answer's text, escaped, for a terminal event, whose payload does not hold it a second time.
    public let content: UnsafeRawBufferPointer?

    /// An event with everything said.
    public init(
        runID: RunID, sessionID: SessionID, kind: EventKind, seq: Int64, ts: Int64,
        payload: UnsafeRawBufferPointer, content: UnsafeRawBufferPointer?
    ) {
        self.runID = runID
        self.sessionID = sessionID
        self.kind = kind
        self.seq = seq
        self.ts = ts
        self.payload = payload
        self.content = content
    }
}
