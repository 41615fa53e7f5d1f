import AgentProtocol

extension AgentError {
    /// There is no room now; there may be in a second.
    static func crowded(_ reason: String) -> AgentError {
        AgentError(.overloaded, reason, fields: ["retry_after_ms": .number(JSONNumber(1000))])
    }
}
