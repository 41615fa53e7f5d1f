internal import AgentEngine
internal import AgentLoop
internal import AgentProtocol

/// The write-ahead log is synced, moved into the database and emptied by the writer thread, between commits.
extension Ledger {
    /// Pages in the log at which it is checkpointed: small and often, so that no checkpoint takes long.
    static let checkpointPages = 1000
    /// Pages at which readers are held back for as long as emptying the log takes: 64 MiB.
    private static let truncationPages = 16_384
    /// How long flowing text may stay unsynced.
    private static let unsyncedAtMost = Duration.seconds(1)

    /// Text was committed that is not synced.
    func syncSoon() {
        guard !hasUnsynced else { return }
        hasUnsynced = true
        if !syncTimer.isArmed { syncTimer.arm(after: Self.unsyncedAtMost) }
    }

    func checkpointIfDue() {
        guard !isAway, waiting == nil else { return }
        let pages = writer.pagesInLog
        if pages < Self.checkpointPages { checkpointAt = Self.checkpointPages }
        if pages >= Self.truncationPages, !truncation.isDue { return truncation.begin {} }
        guard pages >= checkpointAt else { return }
        // A reader may hold the log back; then it is tried again when as much has come again.
        checkpointAt = pages + Self.checkpointPages
        away({ writer throws(StoreError) in try writer.checkpoint() }) { [self] in _ = done($0) }
    }

    /// Readers that overlap keep the log from ever starting anew: they are held back for a moment.
    func tryTruncation(_ result: @escaping (Bool) -> Void) {
        readers.hold { [self] in
            errands.append { [self] in
                away({ writer throws(StoreError) in
                    writer.isPatient = false
                    return try writer.truncateLog()
                }) { [self] in
                    readers.letGo()
                    result(done($0) ?? false)
                }
            }
            serve()
        }
    }

    func syncIfIdle() {
        guard !hasFailed else { return }
        guard !isAway else { return syncTimer.arm(after: .milliseconds(1)) }
        guard hasUnsynced else {
            if closedDeltas > sweptDeltas { sweep() }
            return
        }
        hasUnsynced = false
        let now = Timestamp(milliseconds: EventLoop.shared.epochMilliseconds)
        away({ writer throws(StoreError) in try writer.sync(at: now) }) { [self] in
            guard done($0) == nil, !hasFailed else { return sweep() }
            hasUnsynced = true
            syncTimer.arm(after: Self.unsyncedAtMost)
        }
    }

    // MARK: Deltas of closed steps

    /// Deltas of closed steps that are worth a transaction.
    private static let deltasPerSweep: Int64 = 1024

    func sweepIfDue() {
        if closedDeltas - sweptDeltas >= Self.deltasPerSweep { return sweep() }
        // The last few go when nothing else comes.
        if closedDeltas > sweptDeltas, !syncTimer.isArmed { syncTimer.arm(after: Self.unsyncedAtMost) }
    }

    /// Removes deltas that nobody needs any more, bite by bite, so that a commit never waits long; then gives back what
    /// the file does not need.
    private func sweep() {
        guard !isAway, waiting == nil, !isFull else { return }
        let closed = closedDeltas
        away({ writer throws(StoreError) in
            if try writer.sweep(before: closed) { true } else { try writer.shrink() }
        }) { [self] result in
            guard let isMoreLeft = done(result) else { return }
            if isMoreLeft { sweep() } else { sweptDeltas = closed }
        }
    }

    /// The end of a job that leaves no batch behind; nil when it was not done.
    private func done<Value>(_ result: Result<Value, StoreError>) -> Value? {
        switch result {
        case .success(let value): return value
        // What cannot be done for want of space is done later.
        case .failure(let error) where error.kind == .full: ranOutOfSpace(error, keeping: nil)
        case .failure(let error): fail(error)
        }
        return nil
    }
}
