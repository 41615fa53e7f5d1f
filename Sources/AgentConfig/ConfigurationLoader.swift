import AgentProtocol

/// Reads `agentd.toml` and the agents in `agents.d/*.toml` beside it.
public enum ConfigurationLoader {
    /// The configuration at a path; the built-in one for nil.
    ///
    /// A configuration without any agent keeps the built-in one, `demo`. Without `default_agent` the only agent is the
    /// default; with several of them it has to be said.
    ///
    /// - Throws: everything that is wrong in all the files, not only the first finding.
    public static func load(path: String?) throws(ConfigurationError) -> Configuration {
        guard let path else { return .builtIn }
        return try load(path: path, IssueList())
    }

    /// The same, noting what is found in a list of the caller's.
    static func load(path: String, _ list: IssueList) throws(ConfigurationError) -> Configuration {
        var configuration = Configuration.builtIn
        configuration.scriptsDirectory = TextFile.path(of: "scripts", beside: path)

        let main = open(path, list)?.section(reportingTo: list)
        if let main { configuration.read(main) }
        let agents = readAgents(beside: path, providers: &configuration.providers, isComplete: main != nil, list)
        if !agents.names.isEmpty { configuration.agents = agents.definitions }
        if let main, let name = defaultAgent(main, among: agents.names) { configuration.defaultAgent = name }

        guard list.issues.isEmpty else { throw ConfigurationError(issues: list.issues) }
        configuration.places = list.places
        return configuration
    }

    private static func open(_ path: String, at address: [String] = [], _ list: IssueList) -> ConfigurationFile? {
        do throws(ConfigurationError.Issue) {
            return try ConfigurationFile(path: path, address: address)
        } catch {
            list.add(error)
            return nil
        }
    }

    /// Reads all agents; the names are also those of agents that could not be read, so that naming one as the default
    /// is not a second mistake.
    private static func readAgents(
        beside path: String, providers: inout [String: ProviderDefinition], isComplete: Bool, _ list: IssueList
    ) -> (names: [AgentName], definitions: [AgentName: AgentDefinition]) {
        let directory = TextFile.path(of: "agents.d", beside: path)
        let files: [String]
        do throws(TextFile.Unreadable) {
            files = try TextFile.names(in: directory, endingWith: ".toml")
        } catch {
            list.add(ConfigurationError.Issue(file: directory, message: error.reason))
            return ([], [:])
        }
        var names: [AgentName] = []
        var definitions: [AgentName: AgentDefinition] = [:]
        for file in files {
            let agentPath = "\(directory)/\(file)"
            guard let name = AgentName(String(file.dropLast(".toml".count))) else {
                list.add(
                    ConfigurationError.Issue(
                        file: agentPath, message: "the file's name is the agent's name, and not a valid one",
                        hint: "1 to 128 of A-Z a-z 0-9 . _ : - before .toml"))
                continue
            }
            names.append(name)
            guard let section = open(agentPath, at: ["agents", name.text], list)?.section(reportingTo: list),
                let agent = AgentDefinition(section, name: name, file: agentPath)
            else { continue }
            // Providers of a main file that could not be read are not known to be missing.
            if isComplete, providers[agent.provider] == nil {
                section.complain(
                    "model", "there is no provider \"\(agent.provider)\"",
                    hint: KeySuggestion.hint(for: agent.provider, among: providers.keys.sorted()))
            }
            // What is wrong with a built-in provider is wrong where it is used.
            if providers[agent.provider]?.place == nil {
                providers[agent.provider]?.place = section.place(of: "model")
            }
            definitions[name] = agent
        }
        return (names, definitions)
    }

    /// The agent that answers when a command names none; nil for the built-in one, or when there is an issue.
    private static func defaultAgent(_ main: ConfigurationSection, among written: [AgentName]) -> AgentName? {
        let names = written.isEmpty ? Array(Configuration.builtIn.agents.keys) : written
        guard main.has("default_agent") else {
            if names.count > 1 {
                main.complain(
                    nil, "\"default_agent\" is missing",
                    hint: "one of " + names.map { "\"\($0)\"" }.joined(separator: ", "))
            }
            return names.first
        }
        guard let text = main.string("default_agent") else { return nil }
        if let name = names.first(where: { $0.text == text }) { return name }
        main.complain(
            "default_agent", "there is no agent \"\(text)\"",
            hint: KeySuggestion.hint(for: text, among: names.map(\.text)))
        return nil
    }
}
