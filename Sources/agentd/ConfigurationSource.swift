import AgentConfig
import AgentSystem

#if canImport(Glibc)
import Glibc
#endif

/// Where the daemon's configuration comes from: read at the start, and again whenever somebody asks for it.
struct ConfigurationSource: Sendable {
    /// What the command line says of it.
    var flag: String?
    /// What the environment said at the start.
    var environment: [String: String]

    /// The files as they are now, and the keys of the providers that an agent names; `known` are those that were found
    /// before.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong.
    func read(_ known: ProviderKeys = ProviderKeys()) throws(ConfigurationError) -> (Configuration, ProviderKeys) {
        let file = StandardPaths.configFile(flag: flag, environment: environment) { access($0, F_OK) == 0 }
        let configuration = try ConfigurationLoader.load(path: file)
        let named = Set(configuration.agents.values.map(\.provider))
        let providers = configuration.providers.values.filter { named.contains($0.name) }
        var keys = known
        keys.byProvider = try KeyResolver.secrets(
            for: providers,
            environment: { name in known.byVariable[name]?.reveal { $0 } ?? KeyResolver.variable(name) },
            credentials: CredentialDirectory(environment: environment))
        for provider in providers {
            if case .environment(let name) = provider.keySource {
                keys.byVariable[name] = keys.byProvider[provider.name]
            }
        }
        return (configuration, keys)
    }
}
