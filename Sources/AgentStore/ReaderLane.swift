internal import AgentLoop

/// The readers of one purpose, and the questions that wait for one of them, oldest first.
@LoopActor final class ReaderLane {
    /// A reader and its thread.
    ///
    /// `@unchecked Sendable` is safe: a reader is used by its own thread only.
    struct Seat: @unchecked Sendable {
        let reader: LedgerReader
        let thread: WorkerThread
    }

    /// A question and its two ends; exactly one of them is taken.
    struct Question {
        /// Whether whoever asked is still there.
        let isWanted: () -> Bool
        /// Puts it on a seat; calls back here when the seat has done with it.
        let ask: (Seat, _ done: @escaping () -> Void) -> Void
        /// Answers it without asking.
        let drop: () -> Void
    }

    /// Seats that take a question now; one that may have several at once stands here several times.
    private var free: [Seat]
    private let places: Int
    /// A queue of two stacks: those that came, and those that go, turned round.
    private var came: [Question] = []
    private var going: [Question] = []
    private var isHeld = false
    private var whenIdle: (() -> Void)?

    /// Seats that each have up to so many questions at once: a second one saves the way to the loop and back.
    init(_ seats: [Seat], depth: Int) {
        free = (0..<depth).flatMap { _ in seats }
        places = free.count
    }

    func ask(_ question: Question) {
        came.append(question)
        serve()
    }

    /// Lets the questions under way come to their end and no other begin; calls back when none is under way.
    func hold(_ idle: @escaping () -> Void) {
        isHeld = true
        whenIdle = idle
        serve()
    }

    /// Ends a hold.
    func letGo() {
        isHeld = false
        whenIdle = nil
        serve()
    }

    /// Forgets seats and questions.
    func close() {
        isHeld = true
        (free, came, going, whenIdle) = ([], [], [], nil)
    }

    private func serve() {
        while !isHeld, let seat = free.last, let question = next() {
            // Nothing is read for a client that is gone.
            guard question.isWanted() else {
                question.drop()
                continue
            }
            free.removeLast()
            question.ask(seat) { [self] in
                free.append(seat)
                serve()
            }
        }
        if isHeld, free.count == places, let idle = whenIdle {
            whenIdle = nil
            idle()
        }
    }

    private func next() -> Question? {
        if going.isEmpty {
            going = came.reversed()
            came.removeAll(keepingCapacity: true)
        }
        return going.popLast()
    }
}
