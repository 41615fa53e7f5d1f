import AgentProtocol
import ArgumentParser

/// `agentd list`: shows sessions, runs or agents, newest first.
struct ListSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List sessions, runs or agents.",
        usage: "agentd list [options] [sessions | runs | agents]",
        discussion: """
            EXAMPLES
              agentd list                                   the latest sessions
              agentd list --user ada --archived             archived ones of a user
              agentd list runs --status running
              agentd list runs --session s1 --all --json | jq -c '{run_id, usage}'
              agentd list | cut -f 1                        session ids, one on each line

            On a terminal there are titles and columns. In a pipe there are no titles, the same fields are separated \
            by tabs, and times are UTC. With --json there is one record on each line. The newest come first; where \
            there are more, standard error names the cursor to go on with.

            Exit codes: 0; 64 usage; 65 the daemon refused a filter; 69 no daemon.
            """)

    @Argument(help: "What to list: sessions, runs or agents.", transform: Self.kind)
    var kind = RecordKind.sessions

    @Option(help: ArgumentHelp("Only what belongs to this user.", valueName: "id"))
    var user: String?

    @Option(help: ArgumentHelp("Only what this agent answers.", valueName: "name"))
    var agent: String?

    @Option(help: ArgumentHelp("Only runs of this session.", valueName: "id"))
    var session: String?

    @Option(help: ArgumentHelp("Only runs that stand so: queued, running, completed, ...", valueName: "word"))
    var status: String?

    @Flag(help: "Only sessions that were archived.")
    var archived = false

    @OptionGroup var pages: PageOptions
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try reporting {
            let command = JSONObject(
                command: "list",
                [
                    "kind": .string(kind.rawValue), "user_id": user.map(JSONValue.string),
                    "agent": agent.map(JSONValue.string), "session_id": session.map(JSONValue.string),
                    "status": status.map(JSONValue.string), "is_active": archived ? .bool(false) : nil,
                ])
            var table = Table(kind.titles)
            var isEmpty = true
            try pages.walk(command, over: client.connect()) { page in
                let records = page["items"]?.array?.compactMap(\.object) ?? []
                isEmpty = isEmpty && records.isEmpty
                if output.json {
                    for record in records { Terminal.output.write(json: record.line) }
                } else {
                    table.add(records.map(kind.fields))
                }
            }
            // Nothing at all looks like something that did not work.
            if isEmpty, Terminal.output.isTerminal { Terminal.errors.note("no \(kind.rawValue)") }
        }
    }

    private static func kind(_ text: String) throws -> RecordKind {
        guard let kind = RecordKind(rawValue: text) else {
            throw ValidationError("must be one of " + RecordKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return kind
    }
}
