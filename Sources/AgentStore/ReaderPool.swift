internal import AgentLoop
internal import AgentProtocol

/// A few threads with a read-only connection each; what they find comes back to the loop.
@LoopActor final class ReaderPool {
    /// What a question is for. Decisions have a reader of their own, so that no page, however large, delays a run or a
    /// stop.
    enum Purpose { case decision, page }

    /// Readers for pages, beside the one for decisions.
    private static let pageReaders = 2

    /// `@unchecked Sendable` is safe: a reader is used by its own thread only.
    private struct Seat: @unchecked Sendable {
        let reader: LedgerReader
        let thread: WorkerThread
    }

    private let seats: [Seat]
    private var next = 0
    private var questions: [UInt64: Any] = [:]
    private var lastQuestion: UInt64 = 0

    init(path: String) throws(StoreError) {
        var seats: [Seat] = []
        for index in 0...Self.pageReaders {
            seats.append(
                Seat(reader: try LedgerReader(path: path), thread: WorkerThread(name: "agentd-reader\(index)")))
        }
        self.seats = seats
    }

    /// Asks on a thread for this purpose, each in turn. The answer's closure never leaves the loop.
    func ask<Value: Sendable>(
        for purpose: Purpose,
        _ question: @escaping @Sendable (LedgerReader) throws(StoreError) -> Result<Value, AgentError>,
        _ answer: @escaping (Result<Value, AgentError>) -> Void
    ) {
        lastQuestion += 1
        let ticket = lastQuestion
        questions[ticket] = answer
        if purpose == .page { next = (next + 1) % Self.pageReaders }
        let seat = purpose == .page ? seats[1 + next] : seats[0]
        seat.thread.submit {
            let result = seat.reader.snapshot(question)
            EventLoop.post { [self] in
                let waiting = questions.removeValue(forKey: ticket) as? (Result<Value, AgentError>) -> Void
                waiting?(result)
            }
        }
    }

    func close() { for seat in seats { seat.thread.close() } }
}
