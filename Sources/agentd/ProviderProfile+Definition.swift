import AgentConfig
import AgentProtocol
import AgentProviders

extension ProviderProfile {
    /// How a provider of the configuration wants to be spoken to.
    ///
    /// - Throws: `ConfigurationError` at the provider's place when its preset, its settings or its address make none.
    init(of definition: ProviderDefinition) throws(ConfigurationError) {
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
        self = profile
    }
}
