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
    private let descriptors: Int
    private let logger: Logger
    private var providers: [String: any ModelProvider] = [:]
    private let scripts: ScriptLibrary
    /// One pool of connections for all, also for those that follow after a reload: it lives as long as the loop.
    private static var pool: HTTPClient?

    init(
        _ configuration: Configuration, _ scripts: ScriptLibrary, _ keys: ProviderKeys, descriptors: Int, logger: Logger
    ) {
        self.descriptors = descriptors
        self.configuration = configuration
        self.scripts = scripts
        self.keys = keys
        self.logger = logger
    }

    /// Who answers for an agent.
    func provider(of agent: AgentDefinition) throws -> any ModelProvider {
        if let known = providers[agent.provider] { return known }
        guard let definition = configuration.providers[agent.provider] else {
            preconditionFailure("the configuration was checked and its agent has no provider")
        }
        let made: any ModelProvider
        switch definition.kind {
        case .script: made = ScriptProvider(scripts)
        case .openai, .anthropic:
            made = HTTPProvider(try endpoint(definition), client: client, logger: logger)
        }
        providers[agent.provider] = made
        return made
    }

    /// Idle connections take an eighth of the descriptors at most: who knocks needs them, too.
    private var client: HTTPClient {
        if let pool = Self.pool { return pool }
        let pool = HTTPClient(keptConnections: min(512, max(1, descriptors / 8)))
        Self.pool = pool
        return pool
    }

    private func endpoint(_ definition: ProviderDefinition) throws -> ProviderEndpoint {
        let run = configuration.run
        return ProviderEndpoint(
            name: definition.name, profile: try ProviderProfile(of: definition), baseURL: definition.baseURL,
            key: keys.byProvider[definition.name], headers: definition.headers.map { ($0.name, $0.value) },
            caFile: definition.caFile, proxy: definition.proxy, connectTimeout: run.connect,
            firstByteTimeout: run.firstByte, idleTimeout: run.idle)
    }
}
