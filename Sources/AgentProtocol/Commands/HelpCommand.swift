/// `help`: ask how commands are written.
public struct HelpCommand: Sendable {
    /// What is asked about, one of `Schema.topics`; nil for all commands.
    public var topic: String?

    /// A command with everything said.
    public init(topic: String? = nil) { self.topic = topic }

    init(_ fields: inout CommandFields) throws(AgentError) {
        topic = fields.text("topic")
        try fields.check()
        guard let topic, !Schema.topics.contains(topic) else { return }
        throw .invalid("topic", "must be one of " + Schema.topics.joined(separator: ", "))
    }
}
