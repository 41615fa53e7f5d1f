/// `hello`: ask what the daemon is and can.
public struct HelloCommand: Sendable {
    /// Features without which the client cannot work.
    public var require: [String]

    /// A command with everything said.
    public init(require: [String] = []) { self.require = require }

    init(_ fields: inout CommandFields) throws(AgentError) {
        require = fields.texts("require")
        try fields.check()
    }
}
