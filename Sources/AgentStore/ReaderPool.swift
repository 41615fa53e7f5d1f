internal import AgentLoop
internal import AgentProtocol

/// A few threads with a read-only connection each; what they find comes back to the loop.
@LoopActor final class ReaderPool {
    /// What a question is for. Decisions have a reader of their own, so that no page, however large, delays a run or a
    /// stop.
    enum Purpose { case decision, page }

    /// Readers for pages, beside the one for decisions.
    private static let pageReaders = 2
    /// Decisions that the one reader may have at once.
    private static let decisionsAhead = 8

    /// Called when the ledger could not be read.
    var failed: (AgentError) -> Void = { _ in }

    private let decisions: ReaderLane
    private let pages: ReaderLane
    private var threads: [WorkerThread] = []
    /// What is to be done with each answer. The closures never leave the loop.
    private var answers: [UInt64: Any] = [:]
    private var lastQuestion: UInt64 = 0

    init(path: String) throws(StoreError) {
        var seats: [ReaderLane.Seat] = []
        for index in 0...Self.pageReaders {
            seats.append(
                ReaderLane.Seat(
                    reader: try LedgerReader(path: path), thread: WorkerThread(name: "agentd-reader\(index)")))
        }
        decisions = ReaderLane(Array(seats[..<1]), depth: Self.decisionsAhead)
        pages = ReaderLane(Array(seats[1...]), depth: 1)
        threads = seats.map(\.thread)
    }

    /// Asks a reader of this purpose; what nobody wants any more when its turn comes is not asked.
    func ask<Value: Sendable>(
        for purpose: Purpose, isWanted: @escaping () -> Bool = { true },
        _ question: @escaping @Sendable (LedgerReader) throws(StoreError) -> Result<Value, AgentError>,
        _ answer: @escaping (Result<Value, AgentError>) -> Void
    ) {
        let lane = purpose == .page ? pages : decisions
        lane.ask(
            ReaderLane.Question(
                isWanted: isWanted,
                ask: { [self] seat, done in
                    put(question, to: seat) { result in
                        done()
                        answer(result)
                    }
                }, drop: { answer(.failure(AgentError(.internal, "nobody waits for the answer"))) }))
    }

    private func put<Value: Sendable>(
        _ question: @escaping @Sendable (LedgerReader) throws(StoreError) -> Result<Value, AgentError>,
        to seat: ReaderLane.Seat, _ answer: @escaping (Result<Value, AgentError>) -> Void
    ) {
        lastQuestion += 1
        let ticket = lastQuestion
        answers[ticket] = answer
        seat.thread.submit {
            let result = seat.reader.snapshot(question)
            EventLoop.post { [self] in
                guard let answer = answers.removeValue(forKey: ticket) as? (Result<Value, AgentError>) -> Void else {
                    return
                }
                if case .failure(let error) = result, error.code == .storageError { failed(error) }
                answer(result)
            }
        }
    }

    /// Lets what is being read come to its end and nothing else begin; calls back when nobody reads. Pages may take
    /// long, so decisions are held back only when those have ended.
    func hold(_ idle: @escaping () -> Void) {
        pages.hold { [self] in decisions.hold(idle) }
    }

    /// Ends a hold.
    func letGo() {
        pages.letGo()
        decisions.letGo()
    }

    /// Finishes what is being read, and closes the connections.
    func close() {
        for thread in threads { thread.close() }
        for lane in [decisions, pages] { lane.close() }
        answers = [:]
    }
}
