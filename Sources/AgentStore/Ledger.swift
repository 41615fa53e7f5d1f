public import AgentEngine
public import AgentLoop
public import AgentProtocol
import Glibc
import Synchronization

/// The cellar: one SQLite file, one connection that writes it, a few that read.
///
/// The write connection is a baton. The loop itself commits small flowing batches at the end of its turn; sealed and
/// large batches, syncs, checkpoints and what begins the log anew go to the writer thread, and while it has the baton the
/// loop only collects.
@LoopActor public final class Ledger {
    /// The database's name in the state directory.
    public nonisolated static let fileName = "agentd.db"
    /// Rows up to which a flowing batch is committed on the loop: about 30 µs, less than waking a thread costs.
    private static let inlineRows = 64

    /// Called once when the ledger can no longer be written: nothing more is acknowledged.
    public var failed: ((StoreError) -> Void)?
    /// Called with each committed batch.
    public var committed: ((LedgerBatch) -> Void)?
    /// Called when the disk becomes full, or writable again; at once where it is full already.
    public var storageChanged: ((StorageCondition) -> Void)? {
        didSet { if isFull { storageChanged?(.full) } }
    }
    /// What the disk or the file last failed with, and when.
    public private(set) var lastError: (text: String, at: Timestamp)?
    /// Whether the last process ended without closing the file: it left its log.
    public let wasLeftOpen: Bool

    private let path: String
    /// Until `close`, the last call.
    private(set) var writer: LedgerWriter!
    let readers: ReaderPool
    private let worker = WorkerThread(name: "agentd-writer")
    private var check: QuickCheck?
    /// What the writer thread's last job failed with, before the loop has heard of it.
    private let lastFailure = Failure()
    private(set) var isAway = false
    private(set) var hasFailed = false
    private(set) var isClosed = false
    private var inFlight: LedgerBatch?
    var waiting: LedgerBatch?
    /// Work of the house's own that needs the baton.
    var errands: [() -> Void] = []
    private var latencies = LatencyWindow()
    var checkpointAt = Ledger.checkpointPages
    var hasUnsynced = false
    /// Deltas before this one belong to closed steps, and those before `sweptDeltas` are gone.
    var closedDeltas: Int64 = 0
    var sweptDeltas: Int64 = 0
    lazy var syncTimer = LoopTimer { [weak self] in self?.syncIfIdle() }
    lazy var truncation = LogTruncation { [unowned self] result in tryTruncation(result) }

    // A full disk: see `Ledger+Storage`.
    let reserve: DiskReserve
    var holdsReserve = false
    var isFull = false
    /// The batch that did not fit.
    var stuck: LedgerBatch?
    var nextLook: Int64 = 0
    lazy var spaceTimer = LoopTimer { [weak self] in self?.lookForSpace() }

    /// Opens, or makes, the database at a path; brings it up to date.
    public init(path: String) throws {
        self.path = path
        wasLeftOpen = Self.size(path + "-wal") > 0
        reserve = DiskReserve(besides: path)
        var failure: StoreError?
        writer = try Self.open(path, reserve, &failure)
        readers = try ReaderPool(path: path)
        readers.failed = { [weak self] error in self?.note(error.message) }
        if let failure { note("\(failure)") }
        reserveSpace()
    }

    /// Bytes of the write-ahead log.
    public var logBytes: Int { Self.size(path + "-wal") }

    /// Calls back once the writer thread has done what it was at.
    public func pulse(_ done: @escaping @Sendable @LoopActor () -> Void) { worker.submit { EventLoop.post(done) } }

    /// How long the last commits took, at the 99th percentile; nil before the first.
    public var commitP99: Duration? { latencies.p99 }

    /// Runs that a crash left open. Only before the first commit.
    public func unfinishedRuns() throws -> [UnfinishedRun] {
        precondition(!isAway, "recovery comes first")
        return try UnfinishedRunReader.read(on: writer.connection)
    }

    /// Commits a sealed batch while everybody waits, in the space of the reserve where there is no other. Only before
    /// the first commit.
    public func commitNow(_ batch: LedgerBatch) throws {
        precondition(!isAway, "recovery comes first")
        guard !batch.hasNoRows else { return }
        try commitAtLast(batch)
        writer.countFrom(batch)
        // What has taken the reserve's space leaves none for what comes next.
        if !holdsReserve, !isFull { declareFull("what the last process left open needed the space of the reserve") }
    }

    /// Looks through the whole file beside the work. A finding ends the ledger; without one `sound` is told how long it
    /// took.
    public func checkFile(_ sound: @escaping @LoopActor (Duration) -> Void) {
        check = QuickCheck(path: path) { result in
            EventLoop.post { [weak self] in
                guard let self, !isClosed else { return }
                check = nil
                switch result {
                case .success(let duration): sound(duration)
                case .failure(let error): fail(error)
                }
            }
        }
    }

    /// Finishes the work under way, empties the write-ahead log, and closes threads and file. Last call.
    public func close() throws {
        isClosed = true
        for timer in [syncTimer, spaceTimer] { timer.cancel() }
        truncation.cancel()
        errands = []
        check?.cancel()
        worker.close()
        readers.close()
        defer { writer = nil }
        guard !hasFailed else { return }
        var unwritten = [stuck, waiting].compactMap(\.self)
        // The last job's end may still be on its way here: after a failure nothing more is written.
        if isAway, let failure = lastFailure.value {
            guard failure.kind == .full else { throw failure }
            if let inFlight { unwritten.insert(inFlight, at: 0) }
        }
        // Nobody is there any more to be told, but what was handed over is kept.
        for batch in unwritten { try commitAtLast(batch) }
        do throws(StoreError) {
            try writer.shrinkAtLast()
            _ = try writer.truncateLog()
        } catch {
            // Without room to move the pages they are as safe in the log.
            guard error.kind == .full else { throw error }
        }
    }

    // MARK: The baton

    func dispatch(_ batch: LedgerBatch) {
        let started = EventLoop.shared.clock
        let rows = batch.events.count + batch.changes.count
        guard !batch.isSealed, rows <= Self.inlineRows, !isFull, !writer.beginsLogAnew else {
            return commitAway(batch, started: started)
        }
        do throws(StoreError) {
            writer.isPatient = false
            try writer.commit(batch, sealed: false)
        } catch {
            switch error.kind {
            // Another process has the file for a moment: the thread may wait for it.
            case .busy: return commitAway(batch, started: started)
            case .full: return ranOutOfSpace(error, keeping: batch)
            default: return fail(error)
            }
        }
        finish(batch, sealed: false, started: started)
    }

    /// Commits a batch on the writer thread, which may give the reserve up first.
    func commitAway(_ batch: LedgerBatch, started: Int64 = EventLoop.shared.clock, givingUp given: DiskReserve? = nil) {
        let sealed = batch.isSealed
        inFlight = batch
        away({ writer throws(StoreError) in
            given?.release()
            try writer.commit(batch, sealed: sealed)
        }) { [self] result in
            inFlight = nil
            switch result {
            case .success: finish(batch, sealed: sealed, started: started)
            case .failure(let error) where error.kind == .full: ranOutOfSpace(error, keeping: batch)
            case .failure(let error): fail(error)
            }
        }
    }

    private func finish(_ batch: LedgerBatch, sealed: Bool, started: Int64) {
        latencies.add(nanoseconds: EventLoop.shared.clock - started)
        if sealed {
            hasUnsynced = false
        } else {
            syncSoon()
        }
        closedDeltas = max(closedDeltas, batch.closedDeltas ?? 0)
        committed?(batch)
        lookAtSpaceIfDue()
        checkpointIfDue()
        sweepIfDue()
    }

    /// Gives the writer to the thread; `completion` runs here when it is back.
    func away<Value: Sendable>(
        _ job: @escaping @Sendable (LedgerWriter) throws(StoreError) -> Value,
        completion: @escaping @LoopActor (Result<Value, StoreError>) -> Void
    ) {
        precondition(!isAway, "the baton has one holder")
        isAway = true
        let writer = self.writer!
        let lastFailure = self.lastFailure
        worker.submit {
            let result: Result<Value, StoreError>
            do throws(StoreError) {
                writer.isPatient = true
                result = .success(try job(writer))
                lastFailure.value = nil
            } catch {
                result = .failure(error)
                lastFailure.value = error
            }
            EventLoop.post { [self] in
                guard !isClosed else { return }
                isAway = false
                completion(result)
                serve()
            }
        }
    }

    /// Does what waits for the baton; work of the house's own first, or it would never have its turn.
    func serve() {
        guard !isAway, !hasFailed else { return }
        if !errands.isEmpty { return errands.removeFirst()() }
        guard stuck == nil, let batch = waiting else { return }
        waiting = nil
        dispatch(batch)
    }

    func fail(_ error: StoreError) {
        guard !hasFailed else { return }
        hasFailed = true
        note("\(error)")
        (waiting, stuck, errands) = (nil, nil, [])
        for timer in [syncTimer, spaceTimer] { timer.cancel() }
        truncation.cancel()
        readers.letGo()
        failed?(error)
    }

    func note(_ error: String) {
        lastError = (error, Timestamp(milliseconds: EventLoop.shared.epochMilliseconds))
    }

    /// Commits a batch that is not going to be tried again: the reserve is for it too.
    private func commitAtLast(_ batch: LedgerBatch) throws(StoreError) {
        do throws(StoreError) {
            try writer.commit(batch, sealed: true)
        } catch {
            guard error.kind == .full else { throw error }
            reserve.release()
            holdsReserve = false
            do throws(StoreError) {
                try writer.commit(batch, sealed: true)
            } catch {
                guard error.kind == .full else { throw error }
                throw StoreError(
                    "write the ends of runs", code: error.code, message: "the disk is full",
                    systemCode: error.systemCode)
            }
        }
    }

    /// A full disk must not keep the ledger shut: the reserve that the last process left gives way.
    private static func open(
        _ path: String, _ reserve: DiskReserve, _ failure: inout StoreError?
    ) throws(StoreError) -> LedgerWriter {
        do throws(StoreError) {
            return try LedgerWriter(path: path)
        } catch {
            guard error.kind == .full else { throw error }
            failure = error
            reserve.release()
            return try LedgerWriter(path: path)
        }
    }

    /// Bytes of a file; 0 when it is not there.
    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
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
