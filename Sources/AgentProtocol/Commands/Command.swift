/// What a client may ask of the daemon.
public enum Command: Sendable {
    /// Put a question to an agent.
    case run(RunCommand)
    /// Cut a run off.
    case stop(StopCommand)
    /// Read a run's events.
    case attach(AttachCommand)
    /// Read a run's events no longer.
    case detach(DetachCommand)
    /// Page through sessions, runs or agents.
    case list(ListCommand)
    /// Page through the messages of a session.
    case history(HistoryCommand)
    /// Look at one run, or at the whole of a clipped text.
    case get(GetCommand)
    /// Change a session's title, summary, state or metadata.
    case update(UpdateCommand)
    /// Remove a session, or everything of a user.
    case delete(DeleteCommand)
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
        case .attach: "attach"
        case .detach: "detach"
        case .list: "list"
        case .history: "history"
        case .get: "get"
        case .update: "update"
        case .delete: "delete"
        case .hello: "hello"
        case .ping: "ping"
        case .help: "help"
        }
    }

    /// Every command that is built.
    static let names = [
        "run", "stop", "attach", "detach", "list", "history", "get", "update", "delete", "hello", "ping", "help",
    ]
    /// Commands of the contract that are not built.
    static let unsupportedNames = ["continue"]

    /// Reads the parameters of the command of this name, which must be one of `names`; nil for another name.
    static func decode(_ name: String, _ fields: inout CommandFields) throws(AgentError) -> Command? {
        switch name {
        case "run": .run(try RunCommand(&fields))
        case "stop": .stop(try StopCommand(&fields))
        case "attach": .attach(try AttachCommand(&fields))
        case "detach": .detach(try DetachCommand(&fields))
        case "list": .list(try ListCommand(&fields))
        case "history": .history(try HistoryCommand(&fields))
        case "get": .get(try GetCommand(&fields))
        case "update": .update(try UpdateCommand(&fields))
        case "delete": .delete(try DeleteCommand(&fields))
        case "hello": .hello(try HelloCommand(&fields))
        case "ping": .ping
        case "help": .help(try HelpCommand(&fields))
        default: nil
        }
    }
}
