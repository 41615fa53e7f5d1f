import AgentProtocol
import ArgumentParser

/// `agentd history`: shows what was said in a session.
struct HistorySubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what was said in a conversation.",
        usage: "agentd history [options] <session>",
        discussion: """
            EXAMPLES
              agentd history s1                       the last messages, oldest first
              agentd history s1 --limit 2             the last question and its answer
              agentd history s1 --all                 everything, from the start
              agentd history s1 --json | jq -r 'select(.role=="assistant").content'

            The answer that is still being written is there too, and marked. Where there is more, standard error names \
            the cursor that leads further back. With --json there is one message on each line.

            Exit codes: 0; 64 usage; 65 no such session; 69 no daemon.
            """)

    @Argument(help: "The session.")
    var session: String

    @Option(help: ArgumentHelp("The user on whose behalf.", valueName: "id"))
    var user: String?

    @OptionGroup var pages: PageOptions
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try reporting {
            let command = JSONObject(
                command: "history",
                [
                    "session_id": .string(session), "user_id": user.map(JSONValue.string),
                    // Backwards from the newest there is no printing all of it in order.
                    "order": pages.all ? .string("asc") : nil,
                ])
            var printer = MessagePrinter()
            try pages.walk(command, over: client.connect()) { page in
                for message in page["messages"]?.array?.compactMap(\.object) ?? [] {
                    if output.json { Terminal.output.write(json: message.line) } else { printer.show(message) }
                }
            }
        }
    }
}
