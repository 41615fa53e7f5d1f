import AgentConfig
import AgentSystem

/// Everything `serve` has found out before the house is built.
struct DaemonSettings: Sendable {
    /// What the files say.
    var configuration: Configuration
    /// The providers' keys, by the providers' names.
    var keys: [String: Secret]
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
