import AgentProtocol

extension ProviderProfile {
    /// Writes the members of a request that both wire formats share: the temperature, and what the user added.
    func writeExtras(to writer: inout JSONWriter) {
        if acceptsTemperature, let temperature { writer.member("temperature", temperature) }
        for member in extraBody.members {
            writer.key(member.name)
            writer.value(member.value)
        }
    }
}
