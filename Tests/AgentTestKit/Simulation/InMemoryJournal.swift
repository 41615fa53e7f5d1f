public import AgentEngine
public import AgentProtocol

/// A ledger in memory: commits at once or by hand, and forgets what a crash would lose.
///
/// A batch passes three stages, as it does on a disk: handed over, written (readers see it), acknowledged. A sealed
/// batch is synced before it is acknowledged.
public final class InMemoryJournal: Journal {
    /// What goes wrong in a crash.
    public enum Loss: Sendable {
        /// The process is killed: what was written stays.
        case process
        /// The power fails: what was written and not synced is gone too.
        case power
    }

    /// Called with each batch that is acknowledged.
    public var committed: ((LedgerBatch) -> Void)?
    /// Called by a test that fills the disk, or frees it.
    public var storageChanged: ((StorageCondition) -> Void)?
    /// Whether batches stay where they are until `write` and `acknowledge`.
    public var isHoldingCommits = false
    /// Whether questions wait for `answerNext`.
    public var isHoldingAnswers = false
    /// What the next question is refused with.
    public var nextFailure: AgentError?
    /// What is written.
    public private(set) var tables = LedgerTables()
    /// Batches that were handed over.
    public private(set) var commits = 0

    private enum Stage { case handed, written }
    private let violations: Violations
    private var held: (batch: LedgerBatch, stage: Stage)?
    private var rows: [LedgerTables.Row] = []
    private var syncedRows = 0
    private var questions: [() -> Void] = []

    /// An empty ledger.
    public init(violations: Violations = Violations()) { self.violations = violations }

    /// Whether a batch has not been acknowledged.
    public var isCommitting: Bool { held != nil }

    /// Rows that are written.
    public var rowCount: Int { rows.count }

    /// Questions without an answer.
    public var openQuestions: Int { questions.count }

    // MARK: Committing

    /// Takes a batch.
    public func commit(_ batch: LedgerBatch) {
        violations.expect(held == nil, "a second batch is handed over before the first is committed")
        violations.expect(!batch.hasNoRows, "a batch without rows is handed over")
        violations.expect(batch.isSealed == Self.mustBeSealed(batch), "a batch is not sealed as its rows demand")
        commits += 1
        held = (batch, .handed)
        if !isHoldingCommits { release() }
    }

    /// Writes the batch that is held: readers see it, and a killed process does not lose it.
    public func write() {
        guard let held, held.stage == .handed else { return }
        append(LedgerTables.rows(of: held.batch))
        self.held?.stage = .written
    }

    /// Acknowledges the batch that is held and written; syncs it first if it is sealed.
    public func acknowledge() {
        guard let held, held.stage == .written else { return }
        if held.batch.isSealed { syncedRows = rows.count }
        self.held = nil
        committed?(held.batch)
    }

    /// Takes the batch that is held through all its stages.
    public func release() {
        write()
        acknowledge()
    }

    /// Commits a batch that nobody waits for, as recovery does.
    public func commitNow(_ batch: LedgerBatch) {
        append(LedgerTables.rows(of: batch))
        syncedRows = rows.count
    }

    private func append(_ new: [LedgerTables.Row]) {
        tables.apply(new, violations)
        rows += new
    }

    /// The promise of the contract, said a second time: only text, reasoning and what goes with them may flow.
    private static func mustBeSealed(_ batch: LedgerBatch) -> Bool {
        let flowing: Set<EventKind> = [.runContent, .reasoningContent, .runRetrying, .memberEvent]
        let isSealedChange = { (change: LedgerChange) in
            switch change {
            case .sessionTouched, .messageAdded, .answerAdded, .messageMoved, .textFolded: false
            default: true
            }
        }
        return batch.events.contains { !flowing.contains($0.kind) } || batch.changes.contains(where: isSealedChange)
    }

    // MARK: Crashing

    /// Forgets what a crash loses.
    public func crash(_ loss: Loss) {
        held = nil
        questions = []
        guard loss == .power else { return }
        rows.removeSubrange(syncedRows...)
        tables = LedgerTables()
        tables.apply(rows, violations)
    }

    /// Runs without a terminal event, as recovery wants them.
    public func unfinishedRuns() -> [UnfinishedRun] {
        tables.runOrder.compactMap { tables.runs[$0] }.filter { !$0.record.status.isTerminal }.map { run in
            let name = run.record.runID
            let kept = tables.kept(name)
            let open = tables.events[name, default: []].filter { event in !kept.contains { $0.seq == event.seq } }
            return UnfinishedRun(
                record: run.record, isStopRequested: run.isStopRequested, stopReason: run.stopReason,
                events: kept.map { UnfinishedRun.Event(kind: $0.kind, seq: $0.seq, payload: $0.members) },
                deltas: open.map { delta in
                    UnfinishedRun.Delta(
                        kind: delta.kind, seq: delta.seq, time: Timestamp(milliseconds: delta.ts),
                        messageID: MessageID(trusted: delta.members["message_id"]?.string ?? ""),
                        content: delta.members["content"]?.string ?? "")
                }, messages: tables.messages(of: name), digest: run.digest, isBound: run.isBound,
                isInFront: run.isInFront, lastTurn: tables.lastTurn(of: run.record.sessionID),
                lastBegunTurn: tables.lastTurn(
                    of: run.record.sessionID, without: Set(tables.lines[run.record.sessionID] ?? [])))
        }
    }

    // MARK: Answering

    /// Gives the oldest question its answer, from what is written now.
    public func answerNext() { if !questions.isEmpty { questions.removeFirst()() } }

    private func ask<Answer>(
        _ question: @escaping (LedgerTables) -> Answer, _ answer: @escaping (Result<Answer, AgentError>) -> Void
    ) {
        let failure = nextFailure
        nextFailure = nil
        let respond = { [unowned self] in answer(failure.map(Result.failure) ?? .success(question(tables))) }
        if isHoldingAnswers { questions.append(respond) } else { respond() }
    }

    /// What must be known before a run is accepted.
    public func admission(_ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void) {
        ask(
            { [unowned self] tables in
                AdmissionFacts(
                    session: query.sessionID.flatMap { tables.sessions[$0] },
                    known: query.runID.flatMap { tables.runs[$0] }.map {
                        KnownRun(record: $0.record, digest: $0.digest)
                    }, lastTurn: query.sessionID.map { tables.lastTurn(of: $0) } ?? 0,
                    messages: query.sessionID.map { lastTurns(query.turns, of: $0) } ?? [])
            }, answer)
    }

    /// What a run that waited in line must know when its turn comes.
    public func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void) {
        ask(
            { [unowned self] tables in
                // A run may end while it is asked for, and its conversation be deleted.
                tables.messages[query.sessionID]?.first { $0.messageID == query.question }.map { question in
                    let messages = lastTurns(query.turns, of: query.sessionID) { message in
                        message.position < query.before && !query.excluding.contains(message.runID)
                    }
                    return TurnFacts(question: question, messages: messages)
                }
            },
            { answer($0.flatMap { $0.map(Result.success) ?? .failure(AgentError(.sessionNotFound, "it is gone")) }) })
    }

    /// A run that is not live.
    public func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void) {
        ask(
            { tables in
                switch query {
                case .run(let run): return tables.runs[run]?.record
                case .latest(let session, let user):
                    guard let record = tables.sessions[session], user == nil || record.userID == user else {
                        return nil
                    }
                    return tables.runOrder.last { tables.runs[$0]?.record.sessionID == session }
                        .flatMap { tables.runs[$0]?.record }
                }
            }, answer)
    }

    /// A conversation, and how much is in it.
    public func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void) {
        ask(
            { tables in
                tables.sessions[name].map { record in
                    SessionContents(
                        record: record,
                        runs: Int64(tables.runs.values.count { $0.record.sessionID == name }),
                        messages: Int64(tables.messages[name, default: []].count))
                }
            }, answer)
    }

    /// Bytes that the ledger has for each conversation.
    public var bytesPerSession: Int64 = 1

    /// Some of the conversations that are to be erased.
    public func sessions(
        _ selection: SessionSelection, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void
    ) {
        ask(
            { [unowned self] tables in
                let open = Set(tables.runs.values.filter { !$0.record.status.isTerminal }.map(\.record.sessionID))
                let idle = tables.sessions.values.filter { !open.contains($0.sessionID) }
                    .sorted {
                        ($0.updatedAt.milliseconds, $0.sessionID.text) < ($1.updatedAt.milliseconds, $1.sessionID.text)
                    }
                let chosen =
                    switch selection {
                    case .user(let user):
                        tables.sessions.values.filter { $0.userID == user }.sorted {
                            $0.sessionID.text < $1.sessionID.text
                        }
                    case .idle(let since): idle.filter { $0.updatedAt.milliseconds < since.milliseconds }
                    case .idlest(let bytes): Int64(tables.sessions.count) * bytesPerSession > bytes ? idle : []
                    }
                return chosen.prefix(limit).map(\.sessionID)
            }, answer)
    }

    /// Counts how often the files were scrubbed.
    public private(set) var scrubs = 0

    /// What was deleted leaves the files.
    public func scrub(_ done: @escaping () -> Void) {
        scrubs += 1
        done()
    }

    /// Whether no log is found, as if its rows were lost.
    public var hasLostLogs = false

    /// A part of a run's log: what follows without a gap, of what the ledger keeps.
    public func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void) {
        ask(
            { [unowned self] tables in
                var page = ReplayPage()
                if hasLostLogs { return page }
                var last = query.after
                for event in tables.kept(query.runID) where event.seq > query.after {
                    if query.finalOnly, !event.kind.isFinal { continue }
                    guard query.finalOnly || event.seq == last + 1 else { break }
                    guard page.bytes.count < query.limit else {
                        page.hasMore = true
                        break
                    }
                    let texts = tables.messages(of: query.runID).filter { $0.role == .assistant }.map(\.content)
                    var content: [UInt8] = []
                    JSONEscaping.append(texts.filter { !$0.isEmpty }.joined(separator: "\n\n"), to: &content)
                    page.append(
                        event.kind, seq: event.seq, time: event.ts, content: event.kind.isTerminal ? content : nil
                    ) { $0.append(contentsOf: event.payload) }
                    last = event.seq
                }
                return page
            }, answer)
    }

    /// The members of a reply: `messages` for a history, `run` for a run, and nothing for a list.
    public func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool,
        _ answer: @escaping (Result<[UInt8], AgentError>) -> Void
    ) {
        ask({ [unowned self] _ in page(query) }, answer)
    }

    private func page(_ query: ReadQuery) -> [UInt8] {
        var writer = JSONWriter()
        switch query {
        case .list: break
        case .history(let command, let live):
            var shown = tables.messages[command.sessionID, default: []]
            if let live, !shown.contains(where: { $0.messageID == live.message.messageID }) {
                shown.append(live.message)
                shown.sort { $0.position < $1.position }
            }
            writer.key("messages")
            writer.beginArray()
            for message in shown { message.write(to: &writer) }
            writer.endArray()
        case .get(let command, let live):
            guard var record = command.runID.flatMap({ tables.runs[$0]?.record }) else { break }
            let texts = tables.messages(of: record.runID).filter { $0.role == .assistant }.map(\.content)
            record.content = live?.content ?? texts.filter { !$0.isEmpty }.joined(separator: "\n\n")
            writer.key("run")
            record.write(to: &writer, whole: true)
        }
        return writer.bytes
    }

    private func lastTurns(
        _ turns: Int, of session: SessionID, where isWanted: (Message) -> Bool = { _ in true }
    ) -> [Message] {
        let all = tables.messages[session, default: []].filter(isWanted)
        var names: [RunID] = []
        for message in all where names.last != message.runID { names.append(message.runID) }
        let wanted = Set(names.suffix(turns))
        return all.filter { wanted.contains($0.runID) }
    }
}
