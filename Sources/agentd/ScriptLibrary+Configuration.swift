import AgentConfig
import AgentProviders

extension ScriptLibrary {
    /// Adds the script that an agent plays, if it plays one. The built-in ones are there; one beside the configuration
    /// wins.
    mutating func add(for agent: AgentDefinition, of configuration: Configuration) throws {
        guard configuration.providers[agent.provider]?.kind == .script else { return }
        if let directory = configuration.scriptsDirectory, let name = ScriptFile.name(agent.model),
            let json = try ScriptFile.read(name, in: directory)
        {
            try add(agent.model, json)
        }
        guard contains(agent.model) else { throw ScriptFile.Missing(agent: agent.name, script: agent.model) }
    }
}
