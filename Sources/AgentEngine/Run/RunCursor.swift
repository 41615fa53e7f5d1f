public import AgentProtocol

/// Where one client's stream stands in a run's log.
///
/// A stream that has caught up is live: it is handed each event after its commit, as long as its client has room. One
/// that has not, or not any more, lags behind and holds nothing but its place: it reads on when its client has room.
public final class RunCursor {
    /// What moves the cursor on.
    enum State {
        /// Waits for room.
        case lagging
        /// Waits for an answer of the ledger.
        case reading
        /// Is handed what is committed.
        case live
        /// Nothing more comes.
        case ended
    }

    /// The run.
    public let runID: RunID
    let sessionID: SessionID
    let client: ClientID
    let sink: any EventSink
    private let isFinalOnly: Bool
    var state: State
    /// Whether it was live and is not: what it has missed is told to it in larger pieces.
    private(set) var hasFallenBehind = false
    /// The seq of the last event that the stream has had, or has passed over.
    public internal(set) var position: Int64

    init(runID: RunID, sessionID: SessionID, client: ClientID, sink: any EventSink, state: State, position: Int64) {
        self.runID = runID
        self.sessionID = sessionID
        self.client = client
        self.sink = sink
        isFinalOnly = sink.wantsFinalOnly
        self.state = state
        self.position = position
    }

    var isLive: Bool { state == .live }

    /// Whether the stream is behind its run, and reads on when its client has room.
    public var isCatchingUp: Bool { state == .lagging || state == .reading }

    /// Whether it waits for an answer of the ledger.
    public var isReading: Bool { state == .reading }

    /// Takes an event that has just been committed.
    func hear(_ event: borrowing CommittedEvent) {
        guard wants(event.kind), !sink.hasRoom else { return deliver(event) }
        state = .lagging
        hasFallenBehind = true
        sink.fellBehind()
    }

    func deliver(_ event: borrowing CommittedEvent) {
        position = event.seq
        if event.kind.isTerminal { state = .ended }
        if wants(event.kind) { sink.deliver(event) }
    }

    private func wants(_ kind: EventKind) -> Bool { !isFinalOnly || kind.isFinal }
}
