import AgentProtocol
import ArgumentParser

/// `agentd stop`: cuts a run off, whoever started it.
struct StopSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a run, whoever started it.",
        usage: "agentd stop [options] <run> | --session <id>",
        discussion: """
            EXAMPLES
              agentd stop job-1
              agentd stop --session s1                      the live run of a conversation
              agentd stop --session s1 --all                and those that wait behind it
              agentd stop --reason "wrong question" job-1

            Prints each run that was meant and where it stands, separated by a tab: stopping, or how it had ended \
            before. The text so far is kept. A stop may be given again.

            Exit codes: 0; 64 usage; 65 no such run, or nothing to stop; 69 no daemon.
            """)

    @OptionGroup var selection: RunSelection

    @Flag(help: "Also stop what waits in the session.")
    var all = false

    @Option(help: ArgumentHelp("Why, for those who look at the run later.", valueName: "text"))
    var reason: String?

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if all, selection.session == nil { throw ValidationError("--all goes with --session ID.") }
    }

    func run() throws {
        try reporting {
            var command = JSONObject(command: "stop", selection.parameters)
            command.add(["all": all ? .bool(true) : nil, "reason": reason.map(JSONValue.string)])
            let reply = try client.ask(command)
            if output.json { return Terminal.output.write(json: reply.members.line) }
            let runs = reply["run_ids"]?.array?.compactMap(\.string) ?? [reply.string("run_id") ?? ""]
            for run in runs { Terminal.output.write("\(run)\t\(reply.string("status") ?? "")\n") }
        }
    }
}
