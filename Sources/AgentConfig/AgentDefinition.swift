public import AgentProtocol

/// One agent: which model answers, with which instructions, within which limits.
public struct AgentDefinition: Equatable, Sendable {
    /// What one run may use up before it ends as an error.
    public struct Limits: Equatable, Sendable {
        /// Time from the start of the run to its end.
        public var time: Duration
        /// Requests to the model.
        public var steps: Int

        /// Limits for an agent that says nothing: ten minutes, 32 requests.
        public init(time: Duration = .seconds(600), steps: Int = 32) {
            self.time = time
            self.steps = steps
        }
    }

    /// Its name, which is the name of its file.
    public var name: AgentName
    /// What it is for, in a line for people.
    public var description: String?
    /// The provider that is asked: `model` up to the first slash.
    public var provider: String
    /// The model, in the provider's words: the rest of `model`.
    public var model: String
    /// What the model is told before the conversation.
    public var instructions: String?
    /// What one run may use up.
    public var limits: Limits
    /// How many earlier turns of the session the model is shown.
    public var historyTurns: Int
    /// How stopped answers are shown to the model; nil takes the daemon's default.
    public var historyStopped: StoppedTurnPolicy?
    /// What becomes of a run when its connection goes away; nil takes the daemon's default.
    public var onDisconnect: DisconnectPolicy?
    /// Where the configuration names its model; nil for the built-in agent.
    public var place: SourcePlace?

    /// An agent of which only the model is certain.
    public init(
        name: AgentName, description: String? = nil, provider: String, model: String, instructions: String? = nil,
        limits: Limits = Limits(), historyTurns: Int = 20, historyStopped: StoppedTurnPolicy? = nil,
        onDisconnect: DisconnectPolicy? = nil
    ) {
        self.name = name
        self.description = description
        self.provider = provider
        self.model = model
        self.instructions = instructions
        self.limits = limits
        self.historyTurns = historyTurns
        self.historyStopped = historyStopped
        self.onDisconnect = onDisconnect
    }
}
