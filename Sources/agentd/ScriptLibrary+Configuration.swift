import AgentConfig
import AgentProtocol
import AgentProviders

extension ScriptLibrary {
    /// The built-in scripts, and those that the agents of a configuration play.
    ///
    /// - Throws: `ConfigurationError` at the model of an agent whose script is missing or broken.
    init(of configuration: Configuration) throws(ConfigurationError) {
        do throws(ScriptError) { try self.init() } catch {
            preconditionFailure("a built-in script is broken: \(error)")
        }
        for agent in configuration.agents.values { try add(for: agent, of: configuration) }
    }

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
