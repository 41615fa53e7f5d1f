import AgentConfig
import AgentLoop
import AgentProviders
import AgentSystem
import ArgumentParser
import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The daemon's life: start, serve, drain, end.
@LoopActor final class Daemon {
    /// Time for clients to take their last bytes.
    private static let flushGrace = Duration.seconds(2)
    /// What closing the ledger may take after that, as far as the service manager is concerned.
    private static let closingGrace = Duration.seconds(10)
    /// How often a drain looks whether it is done.
    private static let drainLook = Duration.milliseconds(5)

    private var settings: DaemonSettings
    /// What was configured at the start.
    private let initial: Configuration
    private let signals: SignalDescriptor
    private let logger: Logger
    private let notifier: ServiceNotifier
    private var house: Composition?
    private var signalWatch: Registration?
    private var supervision: Supervision?
    private var isDraining = false
    private var reloading: WorkerThread?
    private var reloadAgain = false
    private lazy var drainTimer = LoopTimer { [unowned self] in drainIsOver() }
    private lazy var lookTimer = LoopTimer { [unowned self] in endIfQuiet() }
    private lazy var flushTimer = LoopTimer { [unowned self] in end() }
    private let result: Result

    private init(_ settings: DaemonSettings, signals: SignalDescriptor, result: Result, logger: Logger) {
        self.result = result
        self.settings = settings
        initial = settings.configuration
        self.signals = signals
        self.logger = logger
        notifier = ServiceNotifier(environment: settings.environment)
    }

    /// Runs a daemon on a loop thread of its own until it ends; returns the exit code.
    nonisolated static func run(_ settings: DaemonSettings, signals: SignalDescriptor, logger: Logger) -> Int32 {
        let result = Result()
        LoopThread {
            let daemon = Daemon(settings, signals: signals, result: result, logger: logger)
            living = daemon
            daemon.start()
        }.join()
        return result.exitCode.load(ordering: .acquiring)
    }

    /// What the loop thread leaves for the main thread.
    private final class Result: Sendable {
        let exitCode = Atomic<Int32>(0)
    }

    /// Keeps the daemon for as long as the loop runs.
    private static var living: Daemon?

    private func start() {
        do {
            let house = try Composition(settings, logger: logger)
            self.house = house
            house.onLedgerFailure { [logger] error in
                // Nothing may be acknowledged any more, and nothing in memory is worth more than what is on the disk.
                logger.critical("the ledger has failed", metadata: ["error": "\(error)"])
                _exit(DaemonFailure.exitCode(of: error))
            }
            signalWatch = try EventLoop.shared.watch(signals.fileDescriptor, for: .readable, handler: self)
            logger.info(
                "listening",
                metadata: ["socket": "\(settings.socket)", "state": "\(settings.stateDirectory)"])
            reportIgnored()
            // Most of what was read of the program so far only its start needs.
            UnusedMemory.giveBack()
            notifier.send(["READY=1"])
            let supervision = Supervision(
                environment: settings.environment, notifier: notifier, pulse: house.pulse, status: house.status)
            self.supervision = supervision
            supervision.start()
        } catch {
            logger.critical("cannot start", metadata: ["error": "\(error)"])
            result.exitCode.store(DaemonFailure.exitCode(of: error), ordering: .releasing)
            EventLoop.shared.stop()
        }
    }

    /// Says what the files ask of a socket that is not ours to make.
    private func reportIgnored() {
        guard settings.inheritedSocket != nil else { return }
        let ignored = initial.settings.filter { $0.key.first == "socket" && $0.place != nil }
        guard !ignored.isEmpty else { return }
        logger.warning(
            "the socket was handed over, and settings of it mean nothing",
            metadata: ["settings": "\(Self.list(ignored.map(\.key)))"])
    }

    // MARK: Another configuration

    /// What can only be set at the start.
    private static let fixedTables: Set<String> = ["socket", "retention"]

    /// Reads the configuration again, on a thread of its own: the loop does not wait for files.
    private func reload() {
        guard !isDraining else { return }
        guard reloading == nil else { return reloadAgain = true }
        // Without the time the manager takes it for an old one. Source: sd_notify(3).
        notifier.send(["RELOADING=1", "MONOTONIC_USEC=\(EventLoop.shared.clock / 1000)"])
        let worker = WorkerThread(name: "agentd-reload")
        reloading = worker
        let source = settings.source
        let known = settings.keys
        worker.submit { [weak self] in
            var keys = known
            let result = Swift.Result { () throws(ConfigurationError) in try source.read(&keys) }
            EventLoop.post { [keys] in self?.reloaded(result, keys) }
        }
    }

    private func reloaded(
        _ result: Swift.Result<(Configuration, ScriptLibrary), ConfigurationError>, _ keys: ProviderKeys
    ) {
        reloading?.close()
        reloading = nil
        // Also when the reload fails: the next one finds them nowhere else.
        settings.keys.byVariable = keys.byVariable
        guard !isDraining, let house else { return }
        do {
            let (configuration, scripts) = try result.get()
            try house.take(configuration, scripts, keys)
            report(changes: configuration)
            settings.configuration = configuration
            settings.scripts = scripts
            settings.keys = keys
        } catch {
            house.keep(because: error)
            for reason in (error as? ConfigurationError)?.issues.map(\.description) ?? ["\(error)"] {
                logger.error(
                    "the configuration is not reloaded, the last good one stays", metadata: ["error": "\(reason)"])
            }
        }
        notifier.send(["READY=1", "STATUS=\(house.status())"])
        if reloadAgain {
            reloadAgain = false
            reload()
        }
    }

    private func report(changes configuration: Configuration) {
        let isFixed = { (key: [String]) in Self.fixedTables.contains(key.first ?? "") }
        let waiting = Configuration.changes(from: initial, to: configuration).filter(isFixed)
        if !waiting.isEmpty {
            logger.warning(
                "settings take effect only with the next start", metadata: ["settings": "\(Self.list(waiting))"])
        }
        let changes = Configuration.changes(from: settings.configuration, to: configuration)
        logger.notice(
            "the configuration is reloaded", metadata: ["changed": "\(Self.list(changes.filter { !isFixed($0) }))"])
    }

    /// The names of settings, as far as a line of the log has room for them.
    private static func list(_ keys: [[String]]) -> String {
        let shown = keys.prefix(32).map { $0.joined(separator: ".") }
        return shown.joined(separator: " ") + (keys.count > shown.count ? " and \(keys.count - shown.count) more" : "")
    }

    // MARK: Going down

    private func drain() {
        let grace = settings.configuration.run.drain
        guard !isDraining else { return drainIsOver() }
        isDraining = true
        logger.info("draining", metadata: ["grace_s": "\(grace.components.seconds)"])
        let longest = (grace + Self.flushGrace + Self.closingGrace) / .microseconds(1)
        notifier.send(["STOPPING=1", "STATUS=draining", "EXTEND_TIMEOUT_USEC=\(Int64(longest))"])
        house?.drain(grace: grace)
        drainTimer.arm(after: grace)
        lookTimer.arm(after: Self.drainLook)
    }

    private func drainIsOver() {
        drainTimer.cancel()
        house?.endAllRuns()
        if !flushTimer.isArmed { flushTimer.arm(after: Self.flushGrace) }
    }

    private func endIfQuiet() {
        guard let house, !house.isQuiet else { return end() }
        // Where nothing works any more, only clients that do not read are waited for, and not for long.
        if house.hasNoWork, !flushTimer.isArmed { flushTimer.arm(after: Self.flushGrace) }
        lookTimer.arm(after: Self.drainLook)
    }

    private func end() {
        for timer in [drainTimer, lookTimer, flushTimer] { timer.cancel() }
        do {
            try house?.close()
        } catch {
            logger.error("the ledger did not close", metadata: ["error": "\(error)"])
            result.exitCode.store(DaemonFailure.exitCode(of: error), ordering: .releasing)
        }
        logger.info("ended")
        EventLoop.shared.stop()
    }
}

extension Daemon: ReadinessHandler {
    func ready(_ readiness: Readiness) {
        while let signal = signals.next() { if signal == SIGHUP { reload() } else { drain() } }
    }
}
