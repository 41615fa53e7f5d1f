internal import AgentLoop
internal import AgentProtocol

/// A few threads with a read-only connection each; what they find comes back to the loop.
@LoopActor final class ReaderPool {
    private static let size = 2

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
        for index in 1...Self.size {
            seats.append(
                Seat(reader: try LedgerReader(path: path), thread: WorkerThread(name: "agentd-reader\(index)")))
        }
        self.seats = seats
    }

    /// Asks on one of the threads, each in turn. The answer's closure never leaves the loop.
    func ask<Value: Sendable>(
        _ question: @escaping @Sendable (LedgerReader) throws(StoreError) -> Result<Value, AgentError>,
        _ answer: @escaping (Result<Value, AgentError>) -> Void
    ) {
        lastQuestion += 1
        let ticket = lastQuestion
        questions[ticket] = answer
        next = (next + 1) % seats.count
        let seat = seats[next]
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
