import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// `agentd run`: asks an agent and shows the answer as it comes.
struct RunSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask an agent and show the answer as it comes.",
        usage: "agentd run [options] <text>",
        discussion: """
            EXAMPLES
              agentd run "What can you do?"
              agentd run --session s1 "And then?"           goes on with a conversation
              git diff | agentd run --agent reviewer -      the question from standard input
              agentd run --json "Hello" | jq -c .event      the frames as they come

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

    @OptionGroup var output: OutputOptions

    @Argument(help: "What to say; - reads it from standard input.")
    var text: String

    func run() throws {
        try reporting {
            let input = text == "-" ? try StandardInput.readText() : text
            let connection = try client.connect()
            let signals = try blockSignals([SIGINT])
            let command = JSONObject(
                command: "run",
                [
                    "input": .string(input), "agent": agent.map(JSONValue.string),
                    "session_id": session.map(JSONValue.string), "user_id": user.map(JSONValue.string),
                ])
            var conversation = try RunConversation(command, client: connection, asJSON: output.json)
            let code = try conversation.play(signals: signals)
            guard code == .success else { throw code }
        }
    }
}
