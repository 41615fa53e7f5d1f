public import AgentEngine
internal import AgentLoop
public import AgentProtocol

extension Ledger: @LoopActor Journal {
    /// Commits a batch, now or as soon as the baton is back.
    public func commit(_ batch: LedgerBatch) {
        precondition(waiting == nil, "one batch at a time")
        guard !hasFailed, !isClosed else { return }
        if isAway || stuck != nil { waiting = batch } else { dispatch(batch) }
    }

    /// What must be known before a run is accepted.
    public func admission(
        _ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void
    ) {
        readers.ask(for: .decision, { reader throws(StoreError) in .success(try reader.admission(query)) }, answer)
    }

    /// The run that a `stop` names and that is not live.
    public func finished(
        _ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void
    ) {
        readers.ask(for: .decision, { reader throws(StoreError) in try reader.finished(query) }, answer)
    }

    /// A page, or a record, as the members of a reply.
    public func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool,
        _ answer: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        readers.ask(
            for: .page, isWanted: isWanted, { reader throws(StoreError) in try reader.read(query) }, answer)
    }

    /// What was deleted leaves the files: the write-ahead log is emptied. Calls back when it is; where another process
    /// reads it, after two seconds, and goes on trying.
    public func scrub(_ done: @escaping () -> Void) { truncateLog(done) }
}
