/// `help`: ask how commands are written.
public struct HelpCommand: Sendable {
    /// The command that is asked about; nil for all of them.
    public var topic: String?

    /// A command with everything said.
    public init(topic: String? = nil) { self.topic = topic }

    init(_ fields: inout CommandFields) throws(AgentError) {
        topic = fields.text("topic")
        try fields.check()
        guard let topic, !Command.names.contains(topic) else { return }
        throw .invalid("topic", "must be one of " + Command.names.joined(separator: ", "))
    }
}
