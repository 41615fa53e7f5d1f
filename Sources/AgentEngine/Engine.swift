public import AgentProtocol

/// The workshop: takes commands and what models say, and turns both into batches for the ledger.
///
/// Nothing leaves before it is committed: replies and events wait in the batch that holds their rows. The engine has no
/// thread, clock or I/O of its own; whoever owns it calls `endTurn` when everything that arrived together has been
/// handed in. Not Sendable on purpose: it lives where it was made.
public final class Engine {
    let environment: any Environment
    let journal: any Journal
    /// The agents, which may be replaced: runs that have begun keep theirs, those in line take the new one.
    public var catalog: AgentCatalog
    /// What has been done so far.
    public private(set) var counters: RunCounters
    /// Called with each run whose end is in the ledger, with its status and what went wrong.
    public var runEnded: (RunRecord, RunStatus, ErrorRecord?) -> Void = { _, _, _ in }

    /// The batch that is being filled.
    private(set) var batch = LedgerBatch()
    private var spareBatch: LedgerBatch? = LedgerBatch()
    private var isCommitting: Bool { spareBatch == nil }
    private var countedDeltas: Int64 = 0
    /// Runs with something pending.
    var dirty: [RunDriver] = []

    var runs: [RunID: RunDriver] = [:]
    var gates: [SessionID: SessionGate<() -> Void>] = [:]
    var slots: RunSlots
    /// Runs that wait in line, for their session or for a slot.
    public internal(set) var queuedRuns = 0
    /// Runs between arrival and decision, by name, and those that wait for what becomes of their namesake.
    var pending: [RunID: PendingRun] = [:]
    var namesakes: [RunID: [PendingRun]] = [:]
    /// Runs that end when their client goes away.
    var bound: [ClientID: Set<RunID>] = [:]
    /// Runs that are about to wait for a slot, as soon as their acceptance is in the ledger.
    var newcomers = 0
    private var acceptances = 0
    /// Until the next look for what is to be kept no longer.
    var retentionTimer: (any EngineTimer)?
    /// Whether new runs are refused because the daemon is going down.
    public private(set) var isDraining = false
    /// Whether new runs are refused because there is no space for them.
    var isStorageFull = false

    /// An engine over its ports, in which so many runs may be live at once.
    public init(
        catalog: AgentCatalog, journal: any Journal, environment: any Environment, liveRunLimit: Int = Limits.liveRuns
    ) {
        slots = RunSlots(limit: liveRunLimit)
        self.catalog = catalog
        self.journal = journal
        self.environment = environment
        counters = RunCounters(since: environment.now())
        journal.committed = { [unowned self] batch in release(batch) }
        journal.storageChanged = { [unowned self] condition in storageChanged(condition) }
    }

    var now: Timestamp { environment.now() }

    /// Live runs; those that wait in line are not.
    public var liveRuns: Int { runs.count - queuedRuns }

    /// Runs that were asked for and are not decided on.
    var underDecision: Int { pending.count + namesakes.values.reduce(0) { $0 + $1.count } }

    func nextOrder() -> Int {
        acceptances += 1
        return acceptances
    }

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
        countClosedDeltas(full)
        batch = spare
        batch.earlierDeltas = full.earlierDeltas + full.deltas
        spareBatch = nil
        if full.hasNoRows { release(full) } else { journal.commit(full) }
        return true
    }

    /// The batch is in the ledger: what waited for it may leave.
    private func release(_ committed: LedgerBatch) {
        precondition(isCommitting, "a batch was committed that was never handed over")
        countEnds(in: committed)
        for release in committed.releases {
            switch release {
            case .event(let run, let index): run.release(committed.events[index], of: committed)
            case .reply(let reply): reply()
            case .joined(let run): joined(run)
            case .begin(let run): run.begin()
            case .saved(let run): run.saved()
            case .end(let run): end(run)
            case .asked(let agent, let milliseconds): counters.count(requestTo: agent, milliseconds: milliseconds)
            case .used(let usage, let agent): counters.count(usage, of: agent)
            }
        }
        committed.reset()
        spareBatch = committed
    }

    /// Counts the ends that a batch has written; of one that is not the engine's own, as of recovery, it is to be told.
    public func countEnds(in committed: LedgerBatch) { counters.countEnds(in: committed) }

    /// Deltas after which the ledger is told again how many of them nobody needs any more.
    private static let deltasPerCount: Int64 = 1024

    private static let fewRuns = 16

    /// Looking at many runs costs more than a batch does, so it is done now and then.
    private func countClosedDeltas(_ batch: LedgerBatch) {
        let all = batch.earlierDeltas + batch.deltas
        guard all - countedDeltas >= Self.deltasPerCount || runs.count <= Self.fewRuns else { return }
        countedDeltas = all
        batch.closedDeltas = runs.values.reduce(all) { min($0, $1.openSince ?? all) }
    }

    private func end(_ run: RunDriver) {
        runs[run.record.runID] = nil
        unbind(run)
        if run.isQueued { queuedRuns -= 1 }
        gates[run.record.sessionID]?.runEnded(run.record.runID)
        slots.leave(run.record.runID)
        advance(run.record.sessionID)
        fillSlots()
        forgetIdleGate(run.record.sessionID)
        runEnded(run.record, run.status, run.outcome?.error)
    }

    func forgetIdleGate(_ session: SessionID) { if gates[session]?.isIdle == true { gates[session] = nil } }

    // MARK: Clients

    /// A client has gone away: what is bound to it, and what nobody else streams, is stopped.
    public func disconnected(_ client: ClientID) {
        for run in pending.values where run.client == client { run.isClientGone = true }
        for run in namesakes.values.joined() where run.client == client { run.isClientGone = true }
        for name in (bound.removeValue(forKey: client) ?? []).sorted(by: { $0.text < $1.text }) {
            guard let run = runs[name] else { continue }
            // Before its reply has come, a client does not know the name of the run that it streams.
            run.removeCursors(of: client)
            if run.cursors.isEmpty { cancel(run, .disconnect) }
            unbind(run)
        }
    }

    /// The daemon itself closed a connection that had all it asked for: that stops nothing.
    public func settled(_ client: ClientID) {
        for name in (bound.removeValue(forKey: client) ?? []).sorted(by: { $0.text < $1.text }) {
            if let run = runs[name] { unbind(run) }
        }
    }

    func bind(_ run: RunDriver, to client: ClientID) {
        run.boundClient = client
        bound[client, default: []].insert(run.record.runID)
    }

    /// A run goes on without its client; for one that waits in line, the ledger must know.
    func unbind(_ run: RunDriver) {
        guard let client = run.boundClient else { return }
        run.boundClient = nil
        bound[client]?.remove(run.record.runID)
        if bound[client]?.isEmpty == true { bound[client] = nil }
        if run.isQueued, run.isOpen { batch.append(.runUnbound(run.record.runID)) }
    }

    // MARK: Shutting down

    /// Refuses new runs from now on.
    public func drain() { isDraining = true }

    /// Ends every live run because the daemon goes down; those that wait, in line or for an answer, stay in the ledger.
    public func endAllRuns() {
        // Sorted, so that a rehearsal takes the same course each time.
        for run in runs.values.sorted(by: { $0.record.runID.text < $1.record.runID.text }) {
            if run.isWorking { run.shutDown() }
        }
    }

    /// Whether nothing works, is under decision or on its way to the ledger.
    public var isQuiet: Bool {
        !runs.values.contains(where: \.isWorking) && pending.isEmpty && !isCommitting && batch.hasNoRows
            && batch.releases.isEmpty
    }
}
