public import AgentEngine
public import AgentLoop
public import AgentProtocol
import Synchronization

/// The cellar: one SQLite file, one connection that writes it, a few that read.
///
/// The write connection is a baton. The loop itself commits small flowing batches at the end of its turn; sealed and
/// large batches, syncs and checkpoints go to the writer thread, and while it has the baton the loop only collects.
@LoopActor public final class Ledger {
    /// Rows up to which a flowing batch is committed on the loop: about 30 µs, less than waking a thread costs.
    private static let inlineRows = 64
    /// Pages in the write-ahead log at which it is checkpointed: small and often, so that no checkpoint takes long.
    private static let checkpointPages = 1000
    /// Deltas of closed steps that are worth a transaction.
    private static let deltasPerSweep: Int64 = 1024
    /// How long flowing text may stay unsynced.
    private static let unsyncedAtMost = Duration.seconds(1)

    /// Called once when the ledger can no longer be written: nothing more is acknowledged.
    public var failed: ((StoreError) -> Void)?
    /// Called with each committed batch.
    public var committed: ((LedgerBatch) -> Void)?

    private let writer: LedgerWriter
    private let readers: ReaderPool
    private let worker = WorkerThread(name: "agentd-writer")
    /// What the writer thread failed with, before the loop has heard of it.
    private let lastFailure = Failure()
    private var isAway = false
    private var hasFailed = false
    private var waiting: LedgerBatch?
    private var latencies = LatencyWindow()
    private var checkpointAt = Ledger.checkpointPages
    private var hasUnsynced = false
    /// Deltas before this one belong to closed steps, and those before `sweptDeltas` are gone.
    private var closedDeltas: Int64 = 0
    private var sweptDeltas: Int64 = 0
    private lazy var syncTimer = LoopTimer { [weak self] in self?.syncIfIdle() }

    /// Opens, or makes, the database at a path; brings it up to date.
    public init(path: String) throws {
        writer = try LedgerWriter(path: path)
        readers = try ReaderPool(path: path)
    }

    /// How long the last commits took, at the 99th percentile; nil before the first.
    public var commitP99: Duration? { latencies.p99 }

    /// Runs that a crash left open. Only before the first commit.
    public func unfinishedRuns() throws -> [UnfinishedRun] {
        precondition(!isAway, "recovery comes first")
        return try UnfinishedRunReader.read(on: writer.connection)
    }

    /// Commits a sealed batch while everybody waits. Only before the first commit.
    public func commitNow(_ batch: LedgerBatch) throws {
        precondition(!isAway, "recovery comes first")
        if !batch.hasNoRows { try writer.commitFirst(batch) }
    }

    /// Finishes the work under way, empties the write-ahead log as far as it can, and ends the threads. Last call.
    public func close() throws {
        syncTimer.cancel()
        worker.close()
        readers.close()
        guard !hasFailed else { return }
        // The last job's failure may still be on its way here: after it nothing more is written.
        if let failure = lastFailure.value { throw failure }
        // A batch that waited for the baton: nobody is there any more to be told, but it is kept.
        if let batch = waiting { try writer.commit(batch, sealed: true) }
        waiting = nil
        try writer.checkpoint()
    }

    // MARK: The baton

    private func dispatch(_ batch: LedgerBatch) {
        let started = EventLoop.shared.clock
        let rows = batch.events.count + batch.changes.count
        if batch.isSealed || rows > Self.inlineRows {
            let sealed = batch.isSealed
            away({ writer throws(StoreError) in try writer.commit(batch, sealed: sealed) }) { [self] in
                finish(batch, sealed: sealed, started: started)
            }
            return
        }
        do throws(StoreError) {
            try writer.commit(batch, sealed: false)
        } catch {
            return fail(error)
        }
        finish(batch, sealed: false, started: started)
    }

    private func finish(_ batch: LedgerBatch, sealed: Bool, started: Int64) {
        latencies.add(nanoseconds: EventLoop.shared.clock - started)
        if sealed {
            hasUnsynced = false
        } else if !hasUnsynced {
            hasUnsynced = true
            if !syncTimer.isArmed { syncTimer.arm(after: Self.unsyncedAtMost) }
        }
        closedDeltas = max(closedDeltas, batch.closedDeltas ?? 0)
        committed?(batch)
        checkpointIfDue()
        if closedDeltas - sweptDeltas >= Self.deltasPerSweep { sweep() }
    }

    /// Gives the writer to the thread; `completion` runs here when it is back.
    private func away<Value: Sendable>(
        _ job: @escaping @Sendable (LedgerWriter) throws(StoreError) -> Value,
        completion: @escaping @LoopActor (Value) -> Void
    ) {
        precondition(!isAway, "the baton has one holder")
        isAway = true
        let writer = self.writer
        let lastFailure = self.lastFailure
        worker.submit {
            let result: Result<Value, StoreError>
            do throws(StoreError) {
                result = .success(try job(writer))
            } catch {
                result = .failure(error)
                lastFailure.value = error
            }
            EventLoop.post { [self] in
                isAway = false
                switch result {
                case .success(let value):
                    completion(value)
                    commitWaiting()
                case .failure(let error): fail(error)
                }
            }
        }
    }

    private func commitWaiting() {
        guard !isAway, let batch = waiting else { return }
        waiting = nil
        dispatch(batch)
    }

    private func checkpointIfDue() {
        guard !isAway, waiting == nil else { return }
        let pages = writer.pagesInLog
        if pages < Self.checkpointPages { checkpointAt = Self.checkpointPages }
        guard pages >= checkpointAt else { return }
        // A reader may hold the log back; then it is tried again when as much has come again.
        checkpointAt = pages + Self.checkpointPages
        away({ writer throws(StoreError) in try writer.checkpoint() }) {}
    }

    private func syncIfIdle() {
        guard hasUnsynced, !hasFailed else { return }
        guard !isAway else { return syncTimer.arm(after: .milliseconds(1)) }
        hasUnsynced = false
        let now = Timestamp(milliseconds: EventLoop.shared.epochMilliseconds)
        away({ writer throws(StoreError) in try writer.sync(at: now) }) { [self] in sweep() }
    }

    /// Removes deltas that nobody needs any more, bite by bite, so that a commit never waits long; then gives back what
    /// the file does not need.
    private func sweep() {
        guard !isAway, waiting == nil else { return }
        let closed = closedDeltas
        away({ writer throws(StoreError) in
            if try writer.sweep(before: closed) { true } else { try writer.shrink() }
        }) { [self] isMoreLeft in
            if isMoreLeft { return sweep() }
            sweptDeltas = closed
        }
    }

    private func fail(_ error: StoreError) {
        guard !hasFailed else { return }
        hasFailed = true
        waiting = nil
        failed?(error)
    }
}

extension Ledger: @LoopActor Journal {
    /// Commits a batch, now or as soon as the baton is back.
    public func commit(_ batch: LedgerBatch) {
        precondition(waiting == nil, "one batch at a time")
        guard !hasFailed else { return }
        if isAway { waiting = batch } else { dispatch(batch) }
    }

    /// What must be known before a run is accepted.
    public func admission(
        _ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void
    ) {
        readers.ask(for: .decision, { reader throws(StoreError) in .success(try reader.admission(query)) }, answer)
    }

    /// What a run that waited in line must know when its turn comes.
    public func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void) {
        readers.ask(for: .decision, { reader throws(StoreError) in try reader.turn(query) }, answer)
    }

    /// The run that a `stop` names and that is not live.
    public func finished(
        _ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void
    ) {
        readers.ask(for: .decision, { reader throws(StoreError) in try reader.finished(query) }, answer)
    }

    /// A conversation, and how much is in it.
    public func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void) {
        readers.ask(for: .decision, { reader throws(StoreError) in .success(try reader.session(name)) }, answer)
    }

    /// Some of a user's conversations.
    public func sessions(
        of user: UserID, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void
    ) {
        readers.ask(
            for: .decision, { reader throws(StoreError) in .success(try reader.sessions(of: user, limit: limit)) },
            answer)
    }

    public func scrub(_ done: @escaping () -> Void) { done() }

    /// A part of a run's log.
    public func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void) {
        readers.ask(for: .page, { reader throws(StoreError) in try reader.replay(query) }, answer)
    }

    /// A page, or a record, as the members of a reply.
    public func read(_ query: ReadQuery, _ answer: @escaping (Result<[UInt8], AgentError>) -> Void) {
        readers.ask(for: .page, { reader throws(StoreError) in try reader.read(query) }, answer)
    }
}

/// A failure that two threads may look at.
private final class Failure: Sendable {
    private let stored = Mutex<StoreError?>(nil)

    var value: StoreError? {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}
