import AgentProtocol
import ArgumentParser

/// `agentd update`: gives a session another title or summary, or puts it away.
struct UpdateSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a conversation's title or summary, or archive it.",
        usage: "agentd update [options] <session>",
        discussion: """
            EXAMPLES
              agentd update s1 --title "Ledgers"
              agentd update s1 --title ""           without a title
              agentd update s1 --archive            lists leave it out, but for list --archived
              agentd update s1 --restore

            What is not named stays as it is. Prints the session as a list does.

            Exit codes: 0; 64 usage; 65 no such session, or the daemon refused a value; 69 no daemon.
            """)

    @Argument(help: "The session.")
    var session: String

    @Option(help: ArgumentHelp("The user on whose behalf.", valueName: "id"))
    var user: String?

    @Option(help: ArgumentHelp("One line; empty for none.", valueName: "text"))
    var title: String?

    @Option(help: ArgumentHelp("What it was about; empty for none.", valueName: "text"))
    var summary: String?

    @Flag(help: "Put it away.")
    var archive = false

    @Flag(help: "Take it up again.")
    var restore = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if archive, restore { throw ValidationError("--archive and --restore exclude each other.") }
        if title == nil, summary == nil, !archive, !restore {
            throw ValidationError("Say what changes: --title, --summary, --archive or --restore.")
        }
    }

    func run() throws {
        try reporting {
            let reply = try client.ask(
                JSONObject(
                    command: "update",
                    [
                        "session_id": .string(session), "user_id": user.map(JSONValue.string),
                        "title": title.map(JSONValue.string), "summary": summary.map(JSONValue.string),
                        "is_active": archive || restore ? .bool(restore) : nil,
                    ]))
            let record = reply["session"]?.object ?? [:]
            if output.json { return Terminal.output.write(json: record.line) }
            var table = Table(RecordKind.sessions.titles)
            table.add([RecordKind.sessions.fields(of: record)])
        }
    }
}
