import AgentConfig
import AgentEngine
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentServer
import AgentStore
import AgentSystem
import Logging

/// The house, put together: the only file that knows every room. Read it from top to bottom.
@LoopActor final class Composition {
    private let stateLock: FileLock
    private let ledger: Ledger
    private let engine: Engine
    private let turnEnd: TurnEndHook
    private let socket: any ListeningSocket
    private let server: Server
    private let logger: Logger
    private let reloads = ReloadRecord()
    private let descriptors: Int

    /// Opens the cellar, closes what a crash left open, and only then opens the door.
    init(_ settings: DaemonSettings, logger: Logger) throws {
        self.logger = logger
        descriptors = settings.descriptors
        // Cellar: one daemon per state directory, one connection that writes.
        try StateDirectory.prepare(settings.stateDirectory)
        stateLock = try FileLock(path: settings.stateDirectory + "/agentd.lock")
        let database = settings.stateDirectory + "/" + Ledger.fileName
        try StateDirectory.verifyFile(database)
        let ledger = try Ledger(path: database)
        self.ledger = ledger

        // Telephone and address book: agents over the providers they name.
        let environment = LoopEnvironment()
        let catalog = try Self.catalog(
            settings.configuration, settings.scripts, settings.keys, settings.descriptors, logger)

        // Workshop: commits at the end of each turn, before the door writes.
        let engine = Engine(catalog: catalog, journal: ledger, environment: environment)
        self.engine = engine

        // Recovery: before anybody can ask, every run that a crash left live gets its terminal event.
        let unfinished = try Self.recover(ledger, settings.configuration, environment, engine.countEnds, logger)
        turnEnd = EventLoop.shared.atTurnEnd { engine.endTurn() }
        engine.restore(unfinished)
        Self.retain(settings.configuration.retention, engine, logger)
        Self.report(ledger, logger)
        Self.report(engine, logger)

        // Door.
        socket = try Self.listen(settings)
        let info = ServerInfo(
            server: "agentd/\(AgentdVersion.current)",
            commitP99Milliseconds: { ledger.commitP99.map { $0 / .milliseconds(1) } },
            lastStorageError: { ledger.lastError.map { "\(LogClock.text($0.at)) \($0.text)" } },
            logBytes: { ledger.logBytes }, lastReloadError: { [reloads] in reloads.failure })
        let limits = DoorLimits().fitting(descriptors: settings.descriptors)
        if limits.connections < Limits.connections {
            logger.warning(
                "few descriptors, and therefore few clients",
                metadata: ["descriptors": "\(settings.descriptors)", "connections": "\(limits.connections)"])
        }
        server = Server(
            engine: engine, listener: socket.fileDescriptor, info: info, limits: limits, logger: logger)
        try server.start()
    }

    /// On the service manager's socket where there is one, else on one of our own.
    private static func listen(_ settings: DaemonSettings) throws -> any ListeningSocket {
        if let inherited = settings.inheritedSocket { return inherited }
        let configured = settings.configuration.socket
        return try SocketPath(path: settings.socket, mode: configured.mode, group: configured.group)
    }

    /// Calls back when the writer thread has answered.
    func pulse(_ done: @escaping @Sendable @LoopActor () -> Void) { ledger.pulse(done) }

    /// The one line that an operator sees in the service manager.
    func status() -> String {
        var parts = engine.isDraining ? ["draining"] : []
        parts += [
            "\(engine.liveRuns) live runs", "\(engine.queuedRuns) queued", "\(server.connectionCount) connections",
        ]
        if let p99 = ledger.commitP99 { parts.append("commit p99 \(p99 / .microseconds(1)) us") }
        parts.append("log \(ledger.logBytes) bytes")
        if let error = ledger.lastError { parts.append("last storage error \(LogClock.text(error.at)): \(error.text)") }
        if let failure = reloads.failure { parts.append("configuration not reloaded \(failure)") }
        return parts.joined(separator: ", ")
    }

    // MARK: Another configuration

    /// Takes over the agents of another configuration: runs that have begun keep theirs. No file is looked at.
    func take(_ configuration: Configuration, _ scripts: ScriptLibrary, _ keys: ProviderKeys) throws {
        engine.catalog = try Self.catalog(configuration, scripts, keys, descriptors, logger)
        reloads.succeeded()
    }

    /// What was to be taken over is wrong; all stays as it is, and whoever asks is told why.
    func keep(because error: any Error) { reloads.failed(error) }

    /// Called once when the ledger can no longer be written, or is found damaged.
    func onLedgerFailure(_ body: @escaping (StoreError) -> Void) {
        ledger.failed = body
        guard ledger.wasLeftOpen else { return }
        ledger.checkFile { [logger] duration in
            logger.info(
                "the ledger that the last process left open is sound",
                metadata: ["checked_ms": "\(Int(duration / .milliseconds(1)))"])
        }
    }

    // MARK: Going down

    /// Refuses new runs and says so to everybody.
    func drain(grace: Duration) {
        engine.drain()
        if socket.outlivesUs { server.rest() }
        server.announceDrain(grace: grace)
    }

    /// Ends what is still live.
    func endAllRuns() { engine.endAllRuns() }

    /// Whether everything has ended and has been told.
    var isQuiet: Bool { engine.isQuiet && server.isFlushed }

    /// Whether every run has ended.
    var hasNoWork: Bool { engine.isQuiet }

    /// Closes the door, then the cellar.
    func close() throws {
        server.stop()
        socket.close()
        EventLoop.shared.cancel(turnEnd)
        try ledger.close()
    }

    // MARK: Parts

    private static func catalog(
        _ configuration: Configuration, _ scripts: ScriptLibrary, _ keys: ProviderKeys, _ descriptors: Int,
        _ logger: Logger
    ) throws -> AgentCatalog {
        let providers = ProviderDirectory(configuration, scripts, keys, descriptors: descriptors, logger: logger)
        let agents = try configuration.agents.values.map { definition in
            Agent(
                name: definition.name, description: definition.description,
                provider: try providers.provider(of: definition), providerName: definition.provider,
                model: definition.model,
                price: configuration.prices["\(definition.provider)/\(definition.model)"]?.enginePrice,
                instructions: definition.instructions, timeLimit: definition.limits.time,
                maxSteps: definition.limits.steps, maxAttempts: configuration.run.attempts,
                historyTurns: definition.historyTurns,
                stoppedTurns: (definition.historyStopped ?? configuration.defaults.historyStopped).engineValue,
                onDisconnect: definition.onDisconnect ?? configuration.defaults.onDisconnect,
                haltNote: configuration.defaults.haltNote)
        }
        return AgentCatalog(agents, default: configuration.defaultAgent)
    }

    /// Has what need not be kept any longer removed.
    private static func retain(_ retention: Configuration.Retention, _ engine: Engine, _ logger: Logger) {
        let policy = RetentionPolicy(age: retention.days.map { .seconds($0 * 86_400) }, bytes: retention.bytes)
        engine.retain(policy) { erased, refusal in
            if erased.sessions > 0 {
                logger.notice(
                    "removed what is not to be kept any longer",
                    metadata: [
                        "sessions": "\(erased.sessions)", "runs": "\(erased.runs)", "messages": "\(erased.messages)",
                    ])
            }
            if let refusal {
                logger.warning("cannot remove what is not to be kept", metadata: ["error": "\(refusal.message)"])
            }
        }
    }

    /// Tells the log what the engine is told of the disk.
    private static func report(_ ledger: Ledger, _ logger: Logger) {
        let engine = ledger.storageChanged
        ledger.storageChanged = { [unowned ledger] condition in
            engine?(condition)
            switch condition {
            case .full:
                logger.error(
                    "the disk is full: live runs end, new ones are refused",
                    metadata: ["error": "\(ledger.lastError?.text ?? "")"])
            case .writable: logger.notice("the disk has space again: runs are accepted")
            }
        }
    }

    /// Tells the log how runs end. Never what was said in them: an error's message may hold words of the provider's.
    private static func report(_ engine: Engine, _ logger: Logger) {
        engine.runEnded = { run, status, error in
            logger.log(
                level: error == nil ? .debug : .notice, "run ended",
                metadata: [
                    "run_id": "\(run.runID)", "session_id": "\(run.sessionID)", "agent": "\(run.agent)",
                    "status": "\(status.rawValue)", "code": "\(error?.code.rawValue ?? "-")",
                ])
        }
    }

    /// Closes what cannot go on, and says with what batch; returns what waits, in line or for an answer.
    static func recover(
        _ ledger: Ledger, _ configuration: Configuration, _ environment: any Environment,
        _ closed: (LedgerBatch) -> Void, _ logger: Logger
    ) throws -> [UnfinishedRun] {
        let unfinished = try ledger.unfinishedRuns()
        guard !unfinished.isEmpty else { return [] }
        let batch = LedgerBatch()
        let kept = RunRecovery.recover(
            unfinished, agents: Set(configuration.agents.keys), haltNote: configuration.defaults.haltNote,
            environment: environment, into: batch)
        try ledger.commitNow(batch)
        closed(batch)
        logger.notice(
            "took up what the last process left open",
            metadata: ["closed": "\(unfinished.count - kept.count)", "waiting": "\(kept.count)"])
        return kept
    }
}

extension StoppedTurnPolicy {
    fileprivate var engineValue: HistoryWindow.StoppedTurns {
        switch self {
        case .note: .note
        case .plain: .plain
        case .exclude: .exclude
        }
    }
}

extension Price {
    fileprivate var enginePrice: TokenPrice {
        TokenPrice(input: input, output: output, cacheRead: cacheRead, cacheWrite: cacheWrite)
    }
}
