import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Glibc
import Logging

/// A door on a socket of its own, a real engine behind it, and a ledger and a model that do what the test says.
@LoopActor final class House {
    /// What a test leaves open may still call back: the house stays.
    private static var living: [House] = []

    let journal = FakeJournal()
    let provider = SimulatedProvider()
    let engine: Engine
    let server: Server
    /// Let go of when the house closes: the house itself stays.
    private var directory: TemporaryDirectory?
    private let path: String
    private let listener: UnixSocket
    private let turnEnd: TurnEndHook

    init(limits: DoorLimits = DoorLimits()) throws {
        let directory = try TemporaryDirectory()
        path = directory.file("socket")
        self.directory = directory
        let name = AgentName(trusted: "helper")
        let agent = Agent(name: name, provider: provider, providerName: "fake", model: "fake")
        let engine = Engine(
            catalog: AgentCatalog([agent], default: name), journal: journal, environment: FakeEnvironment())
        self.engine = engine
        listener = UnixSocket(SOCK_STREAM, isBlocking: false)
        precondition(listener.bind(path) && listener.listen(128))
        server = Server(
            engine: engine, listener: listener.descriptor,
            info: ServerInfo(server: "test", commitP99Milliseconds: { nil }, lastStorageError: { nil }),
            limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        turnEnd = EventLoop.shared.atTurnEnd { engine.endTurn() }
        try server.start()
        Self.living.append(self)
    }

    func connect() -> Client { Client(path: path) }

    /// Ends everything that the test has left open.
    func close() {
        server.stop()
        engine.endAllRuns()
        listener.close()
        EventLoop.shared.cancel(turnEnd)
        directory = nil
    }
}
