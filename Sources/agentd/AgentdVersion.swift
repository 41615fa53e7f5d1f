/// The version of this daemon, as `agentd version` and `hello` report it.
enum AgentdVersion {
    /// Semantic versioning; the wire contract has a version of its own.
    static let current = "0.1.0"
}
