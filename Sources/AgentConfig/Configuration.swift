public import AgentProtocol

/// Everything that `agentd.toml` and the agents beside it say, checked, with defaults filled in.
public struct Configuration: Equatable, Sendable {
    /// What holds for runs and agents that say nothing else.
    public struct Defaults: Equatable, Sendable {
        /// What becomes of a run when its connection goes away.
        public var onDisconnect: DisconnectPolicy = .stop
        /// What is written at the end of a stopped answer; empty for nothing.
        public var haltNote = "User halted response"
        /// How stopped answers are shown to the model.
        public var historyStopped: StoppedTurnPolicy = .note
    }

    /// How runs end.
    public struct Run: Equatable, Sendable {
        /// How long a stopped run may clean up before it is cut off.
        public var stopGrace: Duration = .seconds(5)
        /// How long a shutdown waits for live runs.
        public var drain: Duration = .seconds(30)
    }

    /// The agent that answers when a command names none.
    public var defaultAgent: AgentName
    /// The agents by name; never empty.
    public var agents: [AgentName: AgentDefinition]
    /// The providers by name; `script` is always there.
    public var providers: [String: ProviderDefinition] = ["script": ProviderDefinition(name: "script", kind: .script)]
    /// The socket that clients connect to.
    public var socket = SocketSettings()
    /// What holds for runs and agents that say nothing else.
    public var defaults = Defaults()
    /// How runs end.
    public var run = Run()
    /// The directory of the script provider's files, beside the configuration; nil without a configuration file.
    public var scriptsDirectory: String?

    /// What holds without any configuration: one agent, `demo`, that needs no network.
    public static let builtIn = Configuration(defaultAgent: demo.name, agents: [demo.name: demo])

    private static let demo = AgentDefinition(
        name: AgentName(trusted: "demo"), description: "Answers from a script, without a network",
        provider: "script", model: "demo")
}
