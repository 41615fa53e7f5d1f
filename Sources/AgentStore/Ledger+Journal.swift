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

    /// The run that a command means and that is not open.
    public func finished(
        _ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void
    ) {
        readers.ask(for: .decision, { reader throws(StoreError) in try reader.finished(query) }, answer)
    }

    /// What a run that waited in line must know when its turn comes.
    public func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void) {
        readers.ask(for: .decision, { reader throws(StoreError) in try reader.turn(query) }, answer)
    }

    /// A conversation, and how much is in it.
    public func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void) {
        readers.ask(for: .decision, { reader throws(StoreError) in .success(try reader.session(name)) }, answer)
    }

    /// Some of the conversations that are to be erased.
    public func sessions(
        _ selection: SessionSelection, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void
    ) {
        readers.ask(
            for: .decision, { reader throws(StoreError) in .success(try reader.sessions(selection, limit: limit)) },
            answer)
    }

    /// A part of a run's log.
    public func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void) {
        readers.ask(for: .page, { reader throws(StoreError) in try reader.replay(query) }, answer)
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
    public func scrub(_ done: @escaping () -> Void) {
        if !hasFailed, !isClosed { truncation.begin(done) }
    }
}
