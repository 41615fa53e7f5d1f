public import AgentProtocol

/// The workshop: takes commands and what models say, and turns both into batches for the ledger.
///
/// Nothing leaves before it is committed: replies and events wait in the batch that holds their rows. The engine has no
/// thread, clock or I/O of its own; whoever owns it calls `endTurn` when everything that arrived together has been
/// handed in. Not Sendable on purpose: it lives where it was made.
public final class Engine {
    let environment: any Environment
    let journal: any Journal
    let catalog: AgentCatalog

    /// The batch that is being filled.
    private(set) var batch = LedgerBatch()
    private var spareBatch: LedgerBatch? = LedgerBatch()
    private var isCommitting: Bool { spareBatch == nil }
    /// Runs with something pending.
    var dirty: [RunDriver] = []

    var runs: [RunID: RunDriver] = [:]
    var gates: [SessionID: SessionGate<PendingRun>] = [:]
    /// Runs between arrival and decision, by name.
    var pending: [RunID: PendingRun] = [:]
    /// Runs that end when their client goes away.
    var bound: [ClientID: Set<RunID>] = [:]
    /// Stops that wait until the run that their conversation is looked up for is decided on.
    var waitingStops: [SessionID: [() -> Void]] = [:]
    /// Whether new runs are refused because the daemon is going down.
    public private(set) var isDraining = false
    /// Whether new runs are refused because there is no space for them.
    var isStorageFull = false

    /// An engine over its ports.
    public init(catalog: AgentCatalog, journal: any Journal, environment: any Environment) {
        self.catalog = catalog
        self.journal = journal
        self.environment = environment
        journal.committed = { [unowned self] batch in release(batch) }
        journal.storageChanged = { [unowned self] condition in storageChanged(condition) }
    }

    var now: Timestamp { environment.now() }

    /// Live runs.
    public var liveRuns: Int { runs.count }

    /// Names of the agents, sorted, and the default one.
    public var agentNames: [AgentName] { catalog.names }

    // MARK: Turns

    /// Commits what the turn brought, as soon as the ledger is free; returns whether there was something to do.
    public func endTurn() -> Bool {
        guard !isCommitting, let spare = spareBatch else { return false }
        for run in dirty { run.flush() }
        dirty.removeAll(keepingCapacity: true)
        let full = batch
        guard !full.hasNoRows || !full.releases.isEmpty else { return false }
        batch = spare
        spareBatch = nil
        if full.hasNoRows { release(full) } else { journal.commit(full) }
        return true
    }

    /// The batch is in the ledger: what waited for it may leave.
    private func release(_ committed: LedgerBatch) {
        precondition(isCommitting, "a batch was committed that was never handed over")
        for release in committed.releases {
            switch release {
            case .event(let run, let index): run.release(committed.events[index], of: committed)
            case .reply(let reply): reply()
            case .begin(let run): run.begin()
            case .saved(let run): run.saved()
            case .end(let run): end(run)
            }
        }
        committed.reset()
        spareBatch = committed
    }

    private func end(_ run: RunDriver) {
        runs[run.record.runID] = nil
        unbind(run)
        gates[run.record.sessionID]?.runEnded()
        forgetIdleGate(run.record.sessionID)
    }

    func forgetIdleGate(_ session: SessionID) { if gates[session]?.isIdle == true { gates[session] = nil } }

    // MARK: Clients

    /// A connection's stream of a run ends.
    public func unsubscribe(_ sink: any EventSink, from run: RunID) { runs[run]?.unsubscribe(sink) }

    /// A client has gone away: what is bound to it, and what nobody else streams, is stopped.
    public func disconnected(_ client: ClientID) {
        for run in pending.values where run.client == client { run.isClientGone = true }
        for name in (bound.removeValue(forKey: client) ?? []).sorted(by: { $0.text < $1.text }) {
            guard let run = runs[name] else { continue }
            run.boundClient = nil
            // Before its reply has come, a client does not know the name of the run that it streams.
            run.unsubscribe(client)
            if run.subscribers.isEmpty { run.stop(.disconnect, message: nil) }
        }
    }

    /// The daemon itself closed a connection that had all it asked for: that stops nothing.
    public func settled(_ client: ClientID) {
        for name in bound.removeValue(forKey: client) ?? [] { runs[name]?.boundClient = nil }
    }

    func bind(_ run: RunDriver, to client: ClientID) {
        run.boundClient = client
        bound[client, default: []].insert(run.record.runID)
    }

    private func unbind(_ run: RunDriver) {
        guard let client = run.boundClient else { return }
        run.boundClient = nil
        bound[client]?.remove(run.record.runID)
        if bound[client]?.isEmpty == true { bound[client] = nil }
    }

    // MARK: Shutting down

    /// Refuses new runs from now on.
    public func drain() { isDraining = true }

    /// Ends every live run because the daemon goes down.
    public func endAllRuns() {
        // Sorted, so that a rehearsal takes the same course each time.
        for run in runs.values.sorted(by: { $0.record.runID.text < $1.record.runID.text }) { run.shutDown() }
    }

    /// Whether nothing is live, under decision or on its way to the ledger.
    public var isQuiet: Bool {
        runs.isEmpty && pending.isEmpty && !isCommitting && batch.hasNoRows && batch.releases.isEmpty
    }
}
