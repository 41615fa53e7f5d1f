import AgentConfig

/// Everything `serve` has found out before the house is built.
struct DaemonSettings: Sendable {
    /// What the files say.
    var configuration: Configuration
    /// Where the daemon listens.
    var socket: String
    /// Where it keeps its state.
    var stateDirectory: String
    /// What the service manager is told, if there is one.
    var environment: [String: String]
}
