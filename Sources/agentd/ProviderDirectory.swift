import AgentConfig
import AgentEngine
import AgentHTTP
import AgentLoop
import AgentProtocol
import AgentProviders
import Logging

/// The providers that the configuration names, made when an agent first wants them.
@LoopActor final class ProviderDirectory {
    private let settings: DaemonSettings
    private let logger: Logger
    private var providers: [String: any ModelProvider] = [:]
    private var library: ScriptLibrary
    /// One pool of connections for all. Idle ones take an eighth of the descriptors at most: who knocks needs them, too.
    private lazy var client = HTTPClient(keptConnections: min(512, max(1, settings.descriptors / 8)))

    init(_ settings: DaemonSettings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        library = try ScriptLibrary()
        for agent in settings.configuration.agents.values { try library.add(for: agent, of: settings.configuration) }
    }

    /// Who answers for an agent.
    func provider(of agent: AgentDefinition) throws -> any ModelProvider {
        if let known = providers[agent.provider] { return known }
        guard let definition = settings.configuration.providers[agent.provider] else {
            preconditionFailure("the configuration was checked and its agent has no provider")
        }
        let made: any ModelProvider
        switch definition.kind {
        case .script: made = ScriptProvider(library)
        case .openai, .anthropic:
            made = HTTPProvider(try endpoint(definition), client: client, logger: logger)
        }
        providers[agent.provider] = made
        return made
    }

    private func endpoint(_ definition: ProviderDefinition) throws -> ProviderEndpoint {
        let run = settings.configuration.run
        return ProviderEndpoint(
            name: definition.name, profile: try ProviderProfile(of: definition), baseURL: definition.baseURL,
            key: settings.keys[definition.name], headers: definition.headers.map { ($0.name, $0.value) },
            caFile: definition.caFile, proxy: definition.proxy, connectTimeout: run.connect,
            firstByteTimeout: run.firstByte, idleTimeout: run.idle)
    }
}
