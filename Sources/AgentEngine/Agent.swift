public import AgentProtocol

/// One agent as the engine runs it: its model and its rules, with nothing of configuration files left in it.
public struct Agent {
    /// Its name.
    public var name: AgentName
    /// For people who look at a list.
    public var description: String?
    /// Who answers.
    public var provider: any ModelProvider
    /// The provider's name.
    public var providerName: String
    /// The model, in the provider's words.
    public var model: String
    /// What the model's tokens cost; nil when nobody has said.
    public var price: TokenPrice?
    /// What it is told to be.
    public var instructions: String?
    /// How long a run may take.
    public var timeLimit: Duration
    /// How often a run may ask its model.
    public var maxSteps: Int
    /// How often one request to the model is made at most.
    public var maxAttempts: Int
    /// How many turns of a conversation the model is told.
    public var historyTurns: Int
    /// How stopped turns go to the model.
    public var stoppedTurns: HistoryWindow.StoppedTurns
    /// What becomes of a run when its client goes away and the command did not say.
    public var onDisconnect: DisconnectPolicy
    /// The mark that a stopped answer gets; empty for none.
    public var haltNote: String

    /// An agent with everything said.
    public init(
        name: AgentName, description: String? = nil, provider: any ModelProvider, providerName: String, model: String,
        price: TokenPrice? = nil, instructions: String? = nil, timeLimit: Duration = .seconds(600), maxSteps: Int = 32,
        maxAttempts: Int = 3, historyTurns: Int = 20,
        stoppedTurns: HistoryWindow.StoppedTurns = .note, onDisconnect: DisconnectPolicy = .stop,
        haltNote: String = "User halted response"
    ) {
        self.name = name
        self.description = description
        self.provider = provider
        self.providerName = providerName
        self.model = model
        self.price = price
        self.instructions = instructions
        self.timeLimit = timeLimit
        self.maxSteps = maxSteps
        self.maxAttempts = maxAttempts
        self.historyTurns = historyTurns
        self.stoppedTurns = stoppedTurns
        self.onDisconnect = onDisconnect
        self.haltNote = haltNote
    }

    /// Writes the record that `list` of agents shows.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("agent", name)
        writer.member("description", description)
        writer.member("model", model)
        writer.member("provider", providerName)
        writer.endObject()
    }
}
