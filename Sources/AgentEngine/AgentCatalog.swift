public import AgentProtocol

/// The agents that this daemon has.
public struct AgentCatalog {
    private let agents: [AgentName: Agent]
    /// The one that answers when nobody is named.
    public let defaultName: AgentName
    /// All names, sorted.
    public let names: [AgentName]

    /// A catalog; the default must be one of the agents.
    public init(_ agents: [Agent], default defaultName: AgentName) {
        self.agents = Dictionary(uniqueKeysWithValues: agents.map { ($0.name, $0) })
        self.defaultName = defaultName
        names = agents.map(\.name).sorted { $0.text < $1.text }
        precondition(self.agents[defaultName] != nil, "the default agent is not in the catalog")
    }

    /// The agent of a name; nil when there is none.
    subscript(name: AgentName) -> Agent? { agents[name] }
}
