import AgentConfig
import AgentProviders
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

    /// The files as they are now, the agents' scripts with them; `keys` are those that were found before, and then those
    /// of the providers that an agent names.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong. What was read from the environment is in `keys`
    ///   all the same, because it is nowhere else any more.
    func read(_ keys: inout ProviderKeys) throws(ConfigurationError) -> (Configuration, ScriptLibrary) {
        let file = StandardPaths.configFile(flag: flag, environment: environment) { access($0, F_OK) == 0 }
        let configuration = try ConfigurationLoader.load(path: file)
        let named = Set(configuration.agents.values.map(\.provider))
        let providers = configuration.providers.values.filter { named.contains($0.name) }
        let known = keys.byVariable
        keys.byProvider = try KeyResolver.secrets(
            for: providers,
            environment: { name in known[name]?.reveal { $0 } ?? KeyResolver.variable(name) },
            credentials: CredentialDirectory(environment: environment), found: { keys.byVariable[$0] = $1 })
        return (configuration, try ScriptLibrary(of: configuration))
    }
}
