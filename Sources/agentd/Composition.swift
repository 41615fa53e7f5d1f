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
    private let socket: SocketPath
    private let server: Server

    /// Opens the cellar, closes what a crash left open, and only then opens the door.
    init(_ settings: DaemonSettings, logger: Logger) throws {
        // Cellar: one daemon per state directory, one connection that writes.
        try StateDirectory.prepare(settings.stateDirectory)
        stateLock = try FileLock(path: settings.stateDirectory + "/agentd.lock")
        let database = settings.stateDirectory + "/agentd.db"
        try StateDirectory.verifyFile(database)
        let ledger = try Ledger(path: database)
        self.ledger = ledger

        // Telephone and address book: agents over the providers they name.
        let environment = LoopEnvironment()
        let catalog = try Self.catalog(settings.configuration)

        // Recovery: before anybody can ask, every run that a crash left open gets its terminal event.
        try Self.recover(ledger, settings.configuration, environment, logger)

        // Workshop: commits at the end of each turn, before the door writes.
        let engine = Engine(catalog: catalog, journal: ledger, environment: environment)
        self.engine = engine
        EventLoop.shared.atTurnEnd { engine.endTurn() }

        // Door.
        let configured = settings.configuration.socket
        socket = try SocketPath(path: settings.socket, mode: configured.mode, group: configured.group)
        let info = ServerInfo(server: "agentd/\(AgentdVersion.current)") {
            ledger.commitP99.map { $0 / .milliseconds(1) }
        }
        server = Server(engine: engine, listener: socket.fileDescriptor, info: info, logger: logger)
        try server.start()
    }

    /// Called once when the ledger can no longer be written.
    func onLedgerFailure(_ body: @escaping (StoreError) -> Void) { ledger.failed = body }

    // MARK: Going down

    /// Refuses new runs and says so to everybody.
    func drain(grace: Duration) {
        engine.drain()
        server.announceDrain(grace: grace)
    }

    /// Ends what is still live.
    func endAllRuns() { engine.endAllRuns() }

    /// Whether everything has ended and has been told.
    var isQuiet: Bool { engine.isQuiet && server.isFlushed }

    /// Closes the door, then the cellar.
    func close() throws {
        server.stop()
        socket.close()
        try ledger.close()
    }

    // MARK: Parts

    private static func catalog(_ configuration: Configuration) throws -> AgentCatalog {
        let provider = ScriptProvider(try scripts(configuration))
        let agents = configuration.agents.values.map { definition in
            Agent(
                name: definition.name, description: definition.description, provider: provider,
                providerName: definition.provider, model: definition.model, instructions: definition.instructions,
                timeLimit: definition.limits.time, maxSteps: definition.limits.steps,
                historyTurns: definition.historyTurns,
                stoppedTurns: (definition.historyStopped ?? configuration.defaults.historyStopped).engineValue,
                onDisconnect: definition.onDisconnect ?? configuration.defaults.onDisconnect,
                haltNote: configuration.defaults.haltNote)
        }
        return AgentCatalog(agents, default: configuration.defaultAgent)
    }

    /// The built-in scripts, and those beside the configuration that an agent names.
    private static func scripts(_ configuration: Configuration) throws -> ScriptLibrary {
        var library = try ScriptLibrary()
        for agent in configuration.agents.values {
            if let directory = configuration.scriptsDirectory, let name = ScriptFile.name(agent.model) {
                if let json = try ScriptFile.read(name, in: directory) { try library.add(agent.model, json) }
            }
            guard library.contains(agent.model) else {
                throw ScriptFile.Missing(agent: agent.name, script: agent.model)
            }
        }
        return library
    }

    private static func recover(
        _ ledger: Ledger, _ configuration: Configuration, _ environment: LoopEnvironment, _ logger: Logger
    ) throws {
        let unfinished = try ledger.unfinishedRuns()
        guard !unfinished.isEmpty else { return }
        let batch = LedgerBatch()
        for run in unfinished {
            RunRecovery.close(
                run, haltNote: configuration.defaults.haltNote, environment: environment, into: batch)
        }
        try ledger.commitNow(batch)
        logger.notice("closed runs that the last process left open", metadata: ["runs": "\(unfinished.count)"])
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
