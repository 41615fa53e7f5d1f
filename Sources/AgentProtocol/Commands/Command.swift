/// What a client may ask of the daemon.
public enum Command: Sendable {
    /// Put a question to an agent.
    case run(RunCommand)
    /// Cut a run off.
    case stop(StopCommand)
    /// Page through sessions, runs or agents.
    case list(ListCommand)
    /// Page through the messages of a session.
    case history(HistoryCommand)
    /// Look at one run, or at the whole of a clipped text.
    case get(GetCommand)
    /// Ask what the daemon is and can.
    case hello(HelloCommand)
    /// Ask whether the daemon answers.
    case ping
    /// Ask how commands are written.
    case help(HelpCommand)

    /// The command's name on the wire.
    public var name: String {
        switch self {
        case .run: "run"
        case .stop: "stop"
        case .list: "list"
        case .history: "history"
        case .get: "get"
        case .hello: "hello"
        case .ping: "ping"
        case .help: "help"
        }
    }

    /// Every command that is built.
    static let names = ["run", "stop", "list", "history", "get", "hello", "ping", "help"]
    /// Commands of the contract that are not built.
    static let unsupportedNames = ["attach", "detach", "continue", "update", "delete"]

    /// Reads the parameters of the command of this name, which must be one of `names`; nil for another name.
    static func decode(_ name: String, _ fields: inout CommandFields) throws(AgentError) -> Command? {
        switch name {
        case "run": .run(try RunCommand(&fields))
        case "stop": .stop(try StopCommand(&fields))
        case "list": .list(try ListCommand(&fields))
        case "history": .history(try HistoryCommand(&fields))
        case "get": .get(try GetCommand(&fields))
        case "hello": .hello(try HelloCommand(&fields))
        case "ping": .ping
        case "help": .help(try HelpCommand(&fields))
        default: nil
        }
    }
}
