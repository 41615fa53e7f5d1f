public import AgentEngine
public import AgentProtocol

/// A clock that stands still until the test moves it (or ticks at each look), and names that count.
public final class ManualEnvironment: Environment {
    private struct Deadline {
        var timer: ManualTimer
        var time: Int64
        var order: Int
    }

    private var milliseconds: Int64 = 1_700_000_000_000
    private var names: Int
    private var arms = 0
    private var deadlines: [Deadline] = []

    /// A clock at a fixed moment, and names that count on from a number.
    public init(names: Int = 0) { self.names = names }

    /// Timers that would fire if time went on.
    public var armedTimers: Int { deadlines.count }

    /// Whether the clock goes on by a millisecond with each look: what looks twice is to agree with itself.
    public var isTicking = false

    /// The moment at which the clock stands.
    public func now() -> Timestamp {
        if isTicking { milliseconds += 1 }
        return Timestamp(milliseconds: milliseconds)
    }

    /// Always the same number: pauses are what the rules say and not what luck adds.
    public func random() -> Double { 0 }

    /// The next name; names sort in the order in which they were made.
    public func makeName() -> String {
        names += 1
        let digits = String(names)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// A timer on this clock.
    public func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer { ManualTimer(self, body: body) }

    /// Moves the clock and fires what falls due, each timer at its own moment.
    public func advance(by duration: Duration) {
        let end = milliseconds + duration.inMilliseconds
        while let next = deadlines.min(by: { ($0.time, $0.order) < ($1.time, $1.order) }), next.time <= end {
            milliseconds = max(milliseconds, next.time)
            disarm(next.timer)
            next.timer.fire()
        }
        milliseconds = max(milliseconds, end)
    }

    /// The process is gone, and its timers with it; the clock and the names go on.
    public func crash() { deadlines = [] }

    func arm(_ timer: ManualTimer, after delay: Duration) {
        disarm(timer)
        arms += 1
        deadlines.append(Deadline(timer: timer, time: milliseconds + delay.inMilliseconds, order: arms))
    }

    func disarm(_ timer: ManualTimer) { deadlines.removeAll { $0.timer === timer } }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
