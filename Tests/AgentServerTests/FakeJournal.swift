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

    /// Bytes of each page, beside what every page has.
    var pageBytes = 0

    private(set) var heldBatch: LedgerBatch?
    private(set) var heldAdmissions: [() -> Void] = []
    private(set) var heldReads: [() -> Void] = []
    /// Whether those who asked for the pages are still there.
    private(set) var isReadWanted: [() -> Bool] = []

    private var sessions: [SessionID: SessionRecord] = [:]
    private var logs: [RunID: [(kind: EventKind, seq: Int64, ts: Int64, payload: [UInt8])]] = [:]
    private(set) var accepted: [RunID] = []
    private var known: [RunID: KnownRun] = [:]
    private var messages: [MessageID: Message] = [:]
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
        for event in batch.events {
            let run = RunID(trusted: String(decoding: batch.bytes[event.runID], as: UTF8.self))
            logs[run, default: []].append((event.kind, event.seq, event.ts, Array(batch.bytes[event.payload])))
        }
        for change in batch.changes {
            switch change {
            case .sessionCreated(let session): sessions[session.sessionID] = session
            case .runAccepted(let run, let origin):
                accepted.append(run.runID)
                known[run.runID] = KnownRun(record: run, digest: origin.digest)
            case .messageAdded(let message, _): messages[message.messageID] = message
            case .answerAdded(var message, _, let text):
                message.content = text.plain
                messages[message.messageID] = message
            case .runEnded(let end): ended.append(end)
            default: break
            }
        }
        committed?(batch)
    }
}

extension FakeJournal: @LoopActor Journal {
    func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void) {
        var page = ReplayPage()
        for event in logs[query.runID, default: []] where event.seq > query.after && page.bytes.count < query.limit {
            page.append(event.kind, seq: event.seq, time: event.ts) { $0.append(contentsOf: event.payload) }
        }
        page.hasMore = page.events.last?.seq != logs[query.runID]?.last?.seq
        later { answer(.success(page)) }
    }

    func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void) {
        let found = sessions[name].map { SessionContents(record: $0, runs: 1, messages: 2) }
        later { answer(.success(found)) }
    }

    func sessions(
        _ selection: SessionSelection, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void
    ) { later { answer(.success([])) } }

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
                        known: query.runID.flatMap { known[$0] })))
        }
        if holdsAdmissions { heldAdmissions.append(look) } else { later(look) }
    }

    func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void) {
        guard let question = messages[query.question] else { preconditionFailure("the question is not written") }
        later { answer(.success(TurnFacts(question: question, messages: []))) }
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
        let spaces = String(repeating: " ", count: pageBytes)
        let reply = { answer(.success(Array((spaces + #""items":[],"next_cursor":null"#).utf8))) }
        if holdsReads { heldReads.append(reply) } else { later(reply) }
    }
}
