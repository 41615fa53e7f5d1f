public import AgentProtocol

/// The ledger as the engine sees it: batches go in, one at a time; questions are answered from what is committed.
///
/// Every answer comes where the engine lives. A batch that cannot be committed is never reported as committed.
public protocol Journal: AnyObject {
    /// Called with each batch once it is committed, and synced if it was sealed.
    var committed: ((LedgerBatch) -> Void)? { get set }

    /// Called when the storage becomes full, or writable again. A batch that finds it full is neither lost nor
    /// committed: it waits.
    var storageChanged: ((StorageCondition) -> Void)? { get set }

    /// Commits a batch in one transaction. No second batch may be handed over before `committed`, which may come
    /// during this call.
    func commit(_ batch: LedgerBatch)

    /// What must be known before a run is accepted.
    func admission(_ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void)

    /// What a run that waited in line must know when its turn comes.
    func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void)

    /// The run that a command means and that is not open; nil when there is none.
    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void)

    /// A conversation, and how much is in it; nil when there is none of that name.
    func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void)

    /// Some of the conversations that are to be erased, at most so many.
    func sessions(
        _ selection: SessionSelection, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void)

    /// A part of a run's log.
    func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void)

    /// A page, or a record, as the members of a reply. What nobody wants any more when its turn comes is not read.
    func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool,
        _ answer: @escaping (Result<[UInt8], AgentError>) -> Void)

    /// What was deleted leaves the files: the write-ahead log is emptied. Calls back when that is done, or when it has
    /// to go on later because another process reads the log.
    func scrub(_ done: @escaping () -> Void)
}

/// Whether there is space for anything new.
public enum StorageCondition: Sendable {
    /// There is none: only what is live still gets its end.
    case full
    /// There is.
    case writable
}
