import AgentProtocol
import ArgumentParser

/// `agentd attach`: shows a run's events, those that were and those that come.
struct AttachSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Watch a run: what it has said so far, and what it says.",
        usage: "agentd attach [options] <run> | --session <id>",
        discussion: """
            EXAMPLES
              agentd attach job-1                     from its beginning to its end
              agentd attach --after tail job-1        only what is new
              agentd attach --session s1              the live run of a conversation, or its latest
              agentd attach --json --after 41 job-1   the frames after the 41st event

            Watching changes nothing: Ctrl-C leaves, and the run goes on. The answer goes to standard output, \
            everything about it to standard error.

            Exit codes: 0; 1 the run failed or was interrupted; 64 usage; 65 no such run; 69 no daemon; 75 the run \
            waits for an answer, or the connection broke.
            """)

    @OptionGroup var selection: RunSelection

    @Option(
        help: ArgumentHelp(
            "Begin after the event of this number, or at the end with tail.", valueName: "seq|tail"),
        transform: Self.after)
    var after: JSONValue?

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try reporting {
            var command = JSONObject(command: "attach", selection.parameters)
            command.add(["after": after])
            var conversation = try RunConversation(command, client: client.connect(), asJSON: output.json)
            let code = try conversation.play()
            guard code == .success else { throw code }
        }
    }

    private static func after(_ text: String) throws -> JSONValue {
        if text == "tail" { return .string(text) }
        guard let seq = Int64(text), seq >= 0 else { throw ValidationError("must be a number from 0, or tail") }
        return .number(JSONNumber(seq))
    }
}
