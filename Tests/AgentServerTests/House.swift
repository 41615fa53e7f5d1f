import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import Glibc
import Logging

/// A door on a socket of its own, a real engine behind it, and a ledger and a model that do what the test says.
@LoopActor final class House {
    /// Hooks of the loop cannot be taken off: what they touch has to stay.
    private static var living: [House] = []

    let journal = FakeJournal()
    let provider = FakeProvider()
    let engine: Engine
    let server: Server
    private let directory: String
    private let path: String
    private let listener: Int32

    init() throws {
        var template = Array("/tmp/agentd-door-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = directory + "/socket"
        let name = AgentName(trusted: "helper")
        let agent = Agent(name: name, provider: provider, providerName: "fake", model: "fake")
        let engine = Engine(
            catalog: AgentCatalog([agent], default: name), journal: journal, environment: FakeEnvironment())
        self.engine = engine
        let listener = UnixSocket.open()
        precondition(UnixSocket.withAddress(path) { bind(listener, $0, $1) } == 0 && listen(listener, 128) == 0)
        (self.directory, self.path, self.listener) = (directory, path, listener)
        server = Server(
            engine: engine, listener: listener, info: ServerInfo(server: "test") { nil },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        EventLoop.shared.atTurnEnd { engine.endTurn() }
        try server.start()
        Self.living.append(self)
    }

    func connect() -> Client { Client(path: path) }

    /// Ends everything that the test has left open.
    func close() {
        server.stop()
        engine.endAllRuns()
        Glibc.close(listener)
        unlink(path)
        rmdir(directory)
    }
}
