import AgentEngine
import AgentHTTP
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentSystem
import AgentTestKit
import Logging

/// A real engine over the real way to a provider; the ledger is in memory and checks what it is given.
@LoopActor final class FaultHouse {
    /// The key of every endpoint: nothing that leaves the house may hold it.
    nonisolated static let key = "test-key-7hY2mQ9vK4"
    /// One client for all tests: it hooks itself into the one loop.
    static let client = HTTPClient()

    let violations = Violations()
    let engine: Engine
    private let turnEnd: TurnEndHook
    private static var clients: UInt64 = 0

    init(
        provider: any ModelProvider, journal: (any Journal)? = nil, timeLimit: Duration = .seconds(20),
        maxAttempts: Int = 2, historyTurns: Int = 20
    ) {
        let agent = Agent(
            name: AgentName(trusted: "test"), provider: provider, providerName: "test", model: "test-model",
            timeLimit: timeLimit, maxAttempts: maxAttempts, historyTurns: historyTurns)
        let engine = Engine(
            catalog: AgentCatalog([agent], default: agent.name),
            journal: journal ?? InMemoryJournal(violations: violations), environment: LoopEnvironment())
        self.engine = engine
        turnEnd = EventLoop.shared.atTurnEnd { engine.endTurn() }
    }

    /// An endpoint of the wire format's own vendor, somewhere else.
    static func endpoint(_ format: WireFormat, url: String, _ adjust: (inout ProviderEndpoint) -> Void = { _ in })
        -> ProviderEndpoint
    {
        guard let profile = ProviderProfile.preset(named: format.rawValue), let key = try? Secret(key) else {
            preconditionFailure("there is a preset for each wire format, and the key is one")
        }
        var endpoint = ProviderEndpoint(
            name: format.rawValue, profile: profile, baseURL: url + "/v1", key: key,
            connectTimeout: .seconds(5), firstByteTimeout: .seconds(15), idleTimeout: .seconds(15))
        adjust(&endpoint)
        return endpoint
    }

    static func provider(_ endpoint: ProviderEndpoint, logger: Logger = quietLogger) -> HTTPProvider {
        HTTPProvider(endpoint, client: client, logger: logger)
    }

    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Puts a question; the listener hears what comes.
    @discardableResult
    func run(_ input: String = "hello", session: String? = nil, listener: RunListener = RunListener()) -> RunListener {
        Self.clients += 1
        engine.run(
            RunCommand(input: input, sessionID: session.map(SessionID.init(trusted:))),
            client: ClientID(Self.clients), sink: listener, reply: listener.replied)
        return listener
    }

    /// Stops a run.
    func stop(_ listener: RunListener, reply: @escaping (Result<StopAcceptance, AgentError>) -> Void = { _ in }) {
        guard let acceptance = listener.acceptance else { return }
        engine.stop(StopCommand(runID: acceptance.runID), reply: reply)
    }

    /// Waits until nothing is under way, and lets go of the loop.
    func close() async {
        if !(await eventually { engine.isQuiet }) {
            engine.endAllRuns()
            violations.expect(false, "the engine is not quiet")
        }
        EventLoop.shared.cancel(turnEnd)
    }
}
