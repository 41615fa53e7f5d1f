import AgentProtocol
import ArgumentParser

/// Which run a command is about: one by its name, or the one of a session.
struct RunSelection: ParsableArguments {
    @Argument(help: "The run.")
    var run: String?

    @Option(help: ArgumentHelp("The session whose live run is meant, else its latest.", valueName: "id"))
    var session: String?

    @Option(help: ArgumentHelp("The user on whose behalf.", valueName: "id"))
    var user: String?

    func validate() throws {
        if run == nil, session == nil { throw ValidationError("Say which run: RUN, or --session ID.") }
    }

    /// What a command says of it on the wire.
    var parameters: KeyValuePairs<String, JSONValue?> {
        [
            "run_id": run.map(JSONValue.string), "session_id": session.map(JSONValue.string),
            "user_id": user.map(JSONValue.string),
        ]
    }
}
