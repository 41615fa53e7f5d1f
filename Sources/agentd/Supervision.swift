import AgentLoop
import AgentSystem

#if canImport(Glibc)
import Glibc
#endif

/// Tells the service manager now and then that the daemon lives, and what it is at.
///
/// It speaks from the loop, when the writer thread has answered: if either stands still, nothing is said, and the
/// manager's watchdog acts. Source: sd_watchdog_enabled(3).
@LoopActor final class Supervision {
    /// How often the status is brought up to date where no watchdog asks for more.
    private static let usualInterval = Duration.seconds(10)

    private let notifier: ServiceNotifier
    private let interval: Duration
    private let hasWatchdog: Bool
    private let pulse: (@escaping @Sendable @LoopActor () -> Void) -> Void
    private let status: () -> String
    private var lastStatus = ""
    private lazy var timer = LoopTimer { [unowned self] in ask() }

    /// A supervision that asks the writer with `pulse`, which calls back when it has answered.
    init(
        environment: [String: String], notifier: ServiceNotifier,
        pulse: @escaping (@escaping @Sendable @LoopActor () -> Void) -> Void, status: @escaping () -> String
    ) {
        self.notifier = notifier
        self.pulse = pulse
        self.status = status
        let watchdog = Self.watchdog(environment)
        hasWatchdog = watchdog != nil
        interval = min(watchdog.map { $0 / 2 } ?? Self.usualInterval, Self.usualInterval)
    }

    /// Begins.
    func start() { ask() }

    private func ask() {
        timer.arm(after: interval)
        pulse { [weak self] in self?.tell() }
    }

    private func tell() {
        var lines = hasWatchdog ? ["WATCHDOG=1"] : []
        let now = status()
        if now != lastStatus { lines.append("STATUS=\(now)") }
        lastStatus = now
        // The loop does not wait for a manager that is busy: there will be a next time.
        if !lines.isEmpty { notifier.send(lines, mayWait: false) }
    }

    /// How long the manager lets pass without a word; nil when it does not watch this process.
    private static func watchdog(_ environment: [String: String]) -> Duration? {
        if let process = environment["WATCHDOG_PID"], Int32(process) != getpid() { return nil }
        guard let time = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), time > 0 else { return nil }
        return .microseconds(time)
    }
}
