import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// `agentd run`: asks an agent and shows the answer as it comes.
struct RunSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask an agent and show the answer as it comes.",
        discussion: """
            The answer goes to standard output, everything about it to standard error. Ctrl-C stops the run and waits \
            for its end; a second Ctrl-C leaves.

            Exit codes: 0; 1 the run failed or was interrupted; 64 usage; 65 the daemon refused the input; 69 no \
            daemon; 75 not now, or the run waits for an answer; 77 not permitted.
            """)

    @Option(help: ArgumentHelp("The agent to ask; else the session's, else the default.", valueName: "name"))
    var agent: String?

    @Option(help: ArgumentHelp("The conversation to go on with; made if it is missing.", valueName: "id"))
    var session: String?

    @Option(help: ArgumentHelp("The user on whose behalf.", valueName: "id"))
    var user: String?

    @OptionGroup var client: ClientOptions

    @Flag(help: "Print the daemon's frames, one JSON object per line.")
    var json = false

    @Argument(help: "What to say; - reads it from standard input.")
    var text: String

    func run() throws {
        try reporting {
            let input = text == "-" ? try StandardInput.readText() : text
            let connection = try client.connect()
            let signals = try blockSignals([SIGINT])
            var conversation = RunConversation(client: connection, signals: signals, asJSON: json)
            let code = try conversation.play(command(input))
            guard code == .success else { throw code }
        }
    }

    /// The command on the wire; what was not said is left to the daemon.
    private func command(_ input: String) -> JSONObject {
        var command: JSONObject = ["cmd": .string("run"), "input": .string(input)]
        for (name, value) in [("agent", agent), ("session_id", session), ("user_id", user)] {
            if let value { command.append(name, .string(value)) }
        }
        return command
    }
}
