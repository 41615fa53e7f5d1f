import AgentConfig
import AgentProviders
import AgentSystem

/// Everything `serve` has found out before the house is built.
struct DaemonSettings: Sendable {
    /// Where the configuration is read, at the start and again.
    var source: ConfigurationSource
    /// What the files say.
    var configuration: Configuration
    /// What the agents play that play scripts.
    var scripts: ScriptLibrary
    /// The providers' keys.
    var keys: ProviderKeys
    /// Where the daemon listens.
    var socket: String
    /// The service manager's socket, which is listened on instead; nil without one.
    var inheritedSocket: InheritedSocket?
    /// Where it keeps its state.
    var stateDirectory: String
    /// How many descriptors the process may have.
    var descriptors: Int
    /// What the service manager is told, if there is one.
    var environment: [String: String]
}
