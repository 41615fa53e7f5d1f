internal import AgentLoop

/// Empties the write-ahead log, and tries again for as long as somebody else still reads what is in it.
@LoopActor final class LogTruncation {
    /// How long whoever asked for it waits at most once somebody else is in the way; the ledger's own readers end by
    /// themselves, and are waited for.
    private static let patience = Duration.seconds(2)
    /// Between two attempts: while somebody waits, and afterwards.
    private static let soon = Duration.milliseconds(50)
    private static let later = Duration.seconds(1)

    private struct Waiter {
        let done: () -> Void
        var deadline: ContinuousClock.Instant?
    }

    /// Whether the log is still to be emptied.
    private(set) var isDue = false
    private let attempt: (_ result: @escaping (Bool) -> Void) -> Void
    private var isTrying = false
    private var waiters: [Waiter] = []
    private lazy var retryTimer = LoopTimer { [weak self] in self?.tryNow() }
    private lazy var patienceTimer = LoopTimer { [weak self] in self?.release() }

    /// A truncation by attempts, each of which says whether the log is empty.
    init(attempt: @escaping (_ result: @escaping (Bool) -> Void) -> Void) { self.attempt = attempt }

    /// Empties the log; calls back when it is empty, or two seconds after an attempt that met somebody else: then it
    /// goes on in the background.
    func begin(_ done: @escaping () -> Void) {
        isDue = true
        waiters.append(Waiter(done: done))
        // An attempt under way does for this one too: whatever was committed before this call was so before it began.
        if !isTrying { tryNow() }
    }

    /// Ends it, called back or not.
    func cancel() {
        for timer in [retryTimer, patienceTimer] { timer.cancel() }
        waiters = []
    }

    private func tryNow() {
        retryTimer.cancel()
        isTrying = true
        attempt { [weak self] isEmpty in self?.tried(isEmpty) }
    }

    private func tried(_ isEmpty: Bool) {
        isTrying = false
        guard isEmpty else {
            for index in waiters.indices where waiters[index].deadline == nil {
                waiters[index].deadline = .now + Self.patience
            }
            if !waiters.isEmpty, !patienceTimer.isArmed { patienceTimer.arm(after: Self.patience) }
            return retryTimer.arm(after: waiters.isEmpty ? Self.later : Self.soon)
        }
        isDue = false
        patienceTimer.cancel()
        let served = waiters
        waiters = []
        for waiter in served { waiter.done() }
    }

    /// Lets those go who have waited long enough.
    private func release() {
        let now = ContinuousClock.now
        let served = waiters.prefix { $0.deadline.map { $0 <= now } ?? false }
        waiters.removeFirst(served.count)
        if let next = waiters.first?.deadline { patienceTimer.arm(after: next - now) }
        for waiter in served { waiter.done() }
    }
}
