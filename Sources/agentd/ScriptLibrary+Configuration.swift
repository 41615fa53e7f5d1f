import AgentConfig
import AgentProtocol
import AgentProviders

extension ScriptLibrary {
    /// Adds the script that an agent plays, if it plays one. The built-in ones are there; one beside the configuration
    /// wins.
    ///
    /// - Throws: `ConfigurationError` at the agent's model when the script is missing or broken.
    mutating func add(for agent: AgentDefinition, of configuration: Configuration) throws(ConfigurationError) {
        guard configuration.providers[agent.provider]?.kind == .script else { return }
        let place = agent.place ?? SourcePlace(file: "built-in configuration")
        do {
            if let directory = configuration.scriptsDirectory, let name = ScriptFile.name(agent.model),
                let json = try ScriptFile.read(name, in: directory)
            {
                try add(agent.model, json)
            }
        } catch {
            throw ConfigurationError(issues: [place.issue("agent \"\(agent.name)\": \(error)")])
        }
        guard contains(agent.model) else {
            let message = "agent \"\(agent.name)\": there is no script named \(agent.model)"
            throw ConfigurationError(issues: [place.issue(message)])
        }
    }
}
