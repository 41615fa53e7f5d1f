import AgentEngine
import AgentLoop
import AgentProtocol

/// A ledger in memory that answers when the test lets it.
@LoopActor final class FakeJournal {
    var committed: ((LedgerBatch) -> Void)?
    var storageChanged: ((StorageCondition) -> Void)?

    /// Whether batches, looks before a run is accepted, and pages wait until they are let go of.
    var holdsCommits = false
    var holdsAdmissions = false
    var holdsReads = false

    private(set) var heldBatch: LedgerBatch?
    private(set) var heldAdmissions: [() -> Void] = []
    private(set) var heldReads: [() -> Void] = []
    /// Whether those who asked for the pages are still there.
    private(set) var isReadWanted: [() -> Bool] = []

    private var sessions: [SessionID: SessionRecord] = [:]
    private(set) var accepted: [RunID] = []
    private(set) var ended: [RunEnd] = []

    func letCommitsGo() {
        holdsCommits = false
        guard let batch = heldBatch else { return }
        heldBatch = nil
        finish(batch)
    }

    func letAdmissionsGo() {
        holdsAdmissions = false
        let held = heldAdmissions
        heldAdmissions = []
        for answer in held { answer() }
    }

    /// Answers one of the pages that wait.
    func answerRead(_ index: Int) { heldReads.remove(at: index)() }

    /// Answers come from other threads, and so never during the question.
    private func later(_ answer: @escaping () -> Void) { LoopTimer(answer).arm(after: .zero) }

    private func finish(_ batch: LedgerBatch) {
        for change in batch.changes {
            switch change {
            case .sessionCreated(let session): sessions[session.sessionID] = session
            case .runAccepted(let run, _): accepted.append(run.runID)
            case .runEnded(let end): ended.append(end)
            default: break
            }
        }
        committed?(batch)
    }
}

extension FakeJournal: @LoopActor Journal {
    func commit(_ batch: LedgerBatch) {
        precondition(heldBatch == nil, "one batch at a time")
        if holdsCommits { heldBatch = batch } else { finish(batch) }
    }

    func admission(
        _ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void
    ) {
        let look = { [self] in
            answer(
                .success(
                    AdmissionFacts(
                        session: query.sessionID.flatMap { sessions[$0] },
                        isRunKnown: query.runID.map(accepted.contains) ?? false, nextPosition: 1, messages: [])))
        }
        if holdsAdmissions { heldAdmissions.append(look) } else { later(look) }
    }

    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void) {
        later { answer(.success(nil)) }
    }

    func scrub(_ done: @escaping () -> Void) { later(done) }

    func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool,
        _ answer: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        isReadWanted.append(isWanted)
        let reply = { answer(.success(Array(#""items":[],"next_cursor":null"#.utf8))) }
        if holdsReads { heldReads.append(reply) } else { later(reply) }
    }
}
