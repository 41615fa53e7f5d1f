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

    /// How long runs wait, how often they try, and how they end.
    public struct Run: Equatable, Sendable {
        /// How long a stopped run may clean up before it is cut off.
        public var stopGrace: Duration = .seconds(5)
        /// How long a shutdown waits for live runs.
        public var drain: Duration = .seconds(30)
        /// How long a provider's server may take to accept a connection, encryption included.
        public var connect: Duration = .seconds(10)
        /// How long a model may take from the request to the first byte of its answer.
        public var firstByte: Duration = .seconds(120)
        /// How long an answer that has begun may make no progress.
        public var idle: Duration = .seconds(60)
        /// How often one request to a model is sent at most, the first time included: `retries` in the file.
        public var attempts = 3
    }

    /// How long conversations are kept, and how much of them. Without a limit they are kept for ever.
    public struct Retention: Equatable, Sendable {
        /// How many days after their last run.
        public var days: Int?
        /// How much the ledger may hold, in bytes.
        public var bytes: Int64?
    }

    /// The agent that answers when a command names none.
    public var defaultAgent: AgentName
    /// The agents by name; never empty.
    public var agents: [AgentName: AgentDefinition]
    /// The providers by name; `script`, `openai` and `anthropic` are always there.
    public var providers = ProviderDefinition.builtIn
    /// What models cost, by `PROVIDER/MODEL`.
    public var prices: [String: Price] = [:]
    /// The socket that clients connect to.
    public var socket = SocketSettings()
    /// What holds for runs and agents that say nothing else.
    public var defaults = Defaults()
    /// How long runs wait, how often they try, and how they end.
    public var run = Run()
    /// How long conversations are kept, and how much of them.
    public var retention = Retention()
    /// The directory of the script provider's files, beside the configuration; nil without a configuration file.
    public var scriptsDirectory: String?

    /// Where the settings are that files have said, by the tables that lead to them and their keys; an agent's settings
    /// are below `agents` and its name.
    public var places: [[String]: SourcePlace] = [:]

    /// What holds without any configuration: one agent, `demo`, that needs no network.
    public static let builtIn = Configuration(defaultAgent: demo.name, agents: [demo.name: demo])

    private static let demo = AgentDefinition(
        name: AgentName(trusted: "demo"), description: "Answers from a script, without a network",
        provider: "script", model: "demo")
}
