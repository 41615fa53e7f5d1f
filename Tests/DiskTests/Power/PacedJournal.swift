import AgentEngine
import AgentLoop
import AgentProtocol
import AgentStore

/// The ledger, with a count of what it has not answered yet: so a test can wait until everything is said.
@LoopActor final class PacedJournal {
    var committed: ((LedgerBatch) -> Void)?
    /// Batches and questions without an answer.
    private(set) var open = 0
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
        ledger.committed = { [unowned self] batch in
            open -= 1
            committed?(batch)
        }
    }

    private func counted<Value>(_ answer: @escaping (Value) -> Void) -> (Value) -> Void {
        open += 1
        return { [self] value in
            open -= 1
            answer(value)
        }
    }
}

extension PacedJournal: @LoopActor Journal {
    func commit(_ batch: LedgerBatch) {
        open += 1
        ledger.commit(batch)
    }

    func admission(_ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void) {
        ledger.admission(query, counted(answer))
    }

    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void) {
        ledger.finished(query, counted(answer))
    }

    func read(_ query: ReadQuery, _ answer: @escaping (Result<[UInt8], AgentError>) -> Void) {
        ledger.read(query, counted(answer))
    }
}
