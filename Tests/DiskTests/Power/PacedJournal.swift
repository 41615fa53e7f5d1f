import AgentEngine
import AgentLoop
import AgentProtocol
import AgentStore

/// The ledger, at a pace that a seed can decide: answers wait until every commit is done and every question has its
/// answer, and are then given in the order of the questions. What goes into one batch does not depend on threads.
@LoopActor final class PacedJournal {
    var committed: ((LedgerBatch) -> Void)?
    private let ledger: Ledger
    private var isCommitting = false
    /// Questions in their order; those that have an answer can give it.
    private var questions: [(() -> Void)?] = []
    private var unanswered = 0

    init(_ ledger: Ledger) {
        self.ledger = ledger
        ledger.committed = { [unowned self] batch in
            isCommitting = false
            committed?(batch)
        }
    }

    /// Whether something is still on its way.
    var isBusy: Bool { isCommitting || !questions.isEmpty }

    /// Gives the answers, if it is time.
    func answer() {
        guard !isCommitting, unanswered == 0 else { return }
        let ready = questions
        questions = []
        for answer in ready { answer?() }
    }

    private func asked<Value>(_ answer: @escaping (Value) -> Void) -> (Value) -> Void {
        let place = questions.count
        questions.append(nil)
        unanswered += 1
        return { [self] value in
            unanswered -= 1
            questions[place] = { answer(value) }
        }
    }
}

extension PacedJournal: @LoopActor Journal {
    var storageChanged: ((StorageCondition) -> Void)? {
        get { ledger.storageChanged }
        set { ledger.storageChanged = newValue }
    }

    func commit(_ batch: LedgerBatch) {
        isCommitting = true
        ledger.commit(batch)
    }

    func admission(_ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void) {
        ledger.admission(query, asked(answer))
    }

    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void) {
        ledger.finished(query, asked(answer))
    }

    func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void) {
        ledger.turn(query, asked(answer))
    }

    func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void) {
        ledger.session(name, asked(answer))
    }

    func sessions(
        _ selection: SessionSelection, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void
    ) { ledger.sessions(selection, limit: limit, asked(answer)) }

    func scrub(_ done: @escaping () -> Void) {
        let answered: (Bool) -> Void = asked { _ in done() }
        ledger.scrub { answered(true) }
    }

    func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void) {
        ledger.replay(query, asked(answer))
    }

    func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool, _ answer: @escaping (Result<[UInt8], AgentError>) -> Void
    ) { ledger.read(query, isWanted: isWanted, asked(answer)) }
}
