internal import AgentEngine
internal import AgentLoop

/// A full disk is a condition and no end: what did not fit is kept, what is live gets its end in the space of the
/// reserve, and when there is room again everything goes on.
extension Ledger {
    /// How often room is looked for while there is none.
    private static let fullLook = Duration.milliseconds(250)
    /// How often it is looked at while there is some, in nanoseconds.
    private static let looksApart: Int64 = 1_000_000_000

    /// Takes the reserve at the start. A disk that has no room for it is full before anything has failed.
    func reserveSpace() {
        holdsReserve = reserve.take()
        if !holdsReserve || reserve.isShort {
            declareFull("there is no room for the reserve of \(DiskReserve.bytes) bytes")
        }
    }

    /// There was no space for a batch, or for work that leaves none.
    func ranOutOfSpace(_ error: StoreError, keeping batch: LedgerBatch?) {
        declareFull("\(error)")
        guard let batch else { return }
        precondition(stuck == nil, "one batch at a time")
        guard holdsReserve else {
            stuck = batch
            return
        }
        holdsReserve = false
        commitAway(batch, givingUp: reserve)
    }

    /// Looks at the free space from time to time, so that the disk is declared full before a commit hits its end.
    func lookAtSpaceIfDue() {
        let now = EventLoop.shared.now
        guard !isFull, now >= nextLook else { return }
        nextLook = now + Self.looksApart
        if reserve.isShort { declareFull("less than \(DiskReserve.bytes) bytes are free") }
    }

    /// Tries again what did not fit; looks for room where nothing waits for it.
    func lookForSpace() {
        guard isFull, !hasFailed, !isClosed else { return }
        spaceTimer.arm(after: Self.fullLook)
        guard !isAway else { return }
        if let batch = stuck {
            stuck = nil
            return commitAway(batch)
        }
        away({ [reserve, holdsReserve] _ throws(StoreError) in
            holdsReserve ? reserve.hasMargin : reserve.hasRoom && reserve.take()
        }) { [self] result in
            guard isFull, case .success(true) = result else { return }
            holdsReserve = true
            isFull = false
            spaceTimer.cancel()
            storageChanged?(.writable)
        }
    }

    func declareFull(_ reason: String) {
        note(reason)
        guard !isFull else { return }
        isFull = true
        spaceTimer.arm(after: Self.fullLook)
        storageChanged?(.full)
    }
}
