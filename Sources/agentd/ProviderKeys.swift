import AgentSystem

/// The keys of providers, as they have been found.
struct ProviderKeys: Sendable {
    /// By the provider's name; those that need none are missing.
    var byProvider: [String: Secret] = [:]
    /// By the name of the variable that held it: once it is read it is gone from the environment, and a reload wants it
    /// again.
    var byVariable: [String: Secret] = [:]
}
