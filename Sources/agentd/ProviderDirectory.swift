import AgentConfig
import AgentEngine
import AgentHTTP
import AgentLoop
import AgentProtocol
import AgentProviders
import Logging

/// The providers that the configuration names, made when an agent first wants them.
@LoopActor final class ProviderDirectory {
    private let configuration: Configuration
    private let keys: ProviderKeys
    private let logger: Logger
    private var providers: [String: any ModelProvider] = [:]
    private var library: ScriptLibrary
    /// One pool of connections for all, also for those that follow after a reload; it lives as long as the loop.
    private static let client = HTTPClient()

    init(_ configuration: Configuration, _ keys: ProviderKeys, logger: Logger) throws {
        self.configuration = configuration
        self.keys = keys
        self.logger = logger
        library = try ScriptLibrary()
        for agent in configuration.agents.values { try addScript(of: agent) }
    }

    /// Who answers for an agent.
    func provider(of agent: AgentDefinition) throws -> any ModelProvider {
        if let known = providers[agent.provider] { return known }
        guard let definition = configuration.providers[agent.provider] else {
            preconditionFailure("the configuration was checked and its agent has no provider")
        }
        let made: any ModelProvider
        switch definition.kind {
        case .script: made = ScriptProvider(library)
        case .openai, .anthropic:
            made = HTTPProvider(try endpoint(definition), client: Self.client, logger: logger)
        }
        providers[agent.provider] = made
        return made
    }

    private func endpoint(_ definition: ProviderDefinition) throws -> ProviderEndpoint {
        let run = configuration.run
        return ProviderEndpoint(
            name: definition.name, profile: try profile(definition), baseURL: definition.baseURL,
            key: keys.byProvider[definition.name], headers: definition.headers.map { ($0.name, $0.value) },
            caFile: definition.caFile, proxy: definition.proxy, connectTimeout: run.connect,
            firstByteTimeout: run.firstByte, idleTimeout: run.idle)
    }

    private func profile(_ definition: ProviderDefinition) throws -> ProviderProfile {
        func failure(_ message: String) -> ConfigurationError {
            let place = definition.place ?? SourcePlace(file: "built-in configuration")
            return ConfigurationError(issues: [
                place.issue("provider \"\(definition.name)\": \(message)", hint: nil)
            ])
        }
        let kind = definition.kind.rawValue
        let named = definition.preset ?? (definition.baseURL == nil ? kind : nil)
        guard
            var profile = named.map({ ProviderProfile.preset(named: $0) })
                ?? .some(ProviderProfile.inferred(baseURL: definition.baseURL ?? ""))
        else { throw failure("there is no preset named \(named ?? "")") }
        // What a base URL lets us guess never changes the format that the configuration has named.
        if definition.preset == nil, profile.wire.rawValue != kind, let own = ProviderProfile.preset(named: kind) {
            profile = own
        }
        guard profile.wire.rawValue == kind else { throw failure("the preset \(named ?? "") is not of kind \(kind)") }
        guard definition.baseURL != nil || !profile.baseURL.isEmpty else { throw failure("base_url is missing") }
        do throws(ProfileError) {
            var members = JSONObject()
            for (name, value) in definition.profile { members.set(name, value) }
            try profile.apply(members)
        } catch {
            throw failure(error.description)
        }
        return profile
    }

    /// The built-in scripts are there; one beside the configuration wins.
    private func addScript(of agent: AgentDefinition) throws {
        guard configuration.providers[agent.provider]?.kind == .script else { return }
        do {
            if let directory = configuration.scriptsDirectory, let name = ScriptFile.name(agent.model),
                let json = try ScriptFile.read(name, in: directory)
            {
                try library.add(agent.model, json)
            }
        } catch {
            throw issue(agent, "\(error)")
        }
        guard library.contains(agent.model) else {
            throw issue(agent, "there is no script named \"\(agent.model)\"")
        }
    }

    private func issue(_ agent: AgentDefinition, _ message: String) -> ConfigurationError {
        let place =
            configuration.places[["agents", agent.name.text, "model"]] ?? SourcePlace(file: "built-in configuration")
        return ConfigurationError(issues: [place.issue("agent \"\(agent.name)\": \(message)")])
    }
}
