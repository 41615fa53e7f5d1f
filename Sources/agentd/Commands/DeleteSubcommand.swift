import AgentProtocol
import ArgumentParser
import Glibc

/// `agentd delete`: removes a session, or everything of a user, for good.
struct DeleteSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a conversation, or everything of a user, for good.",
        usage: "agentd delete [options] <session> | --user <id>",
        discussion: """
            EXAMPLES
              agentd delete s1
              agentd delete --user ada          everything of a user; asks first
              agentd delete --user ada --yes    without a question, as a script has to

            Sessions, runs, events and messages leave the daemon's files before this command ends. A session with a \
            live run is not deleted: stop it first (agentd stop --session s1 --all).

            Exit codes: 0; 1 answered no; 64 usage; 65 no such session; 69 no daemon; 75 a run is live or waits.
            """)

    @Argument(help: "The session.")
    var session: String?

    @Option(help: ArgumentHelp("The user; without a session everything of this user.", valueName: "id"))
    var user: String?

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if session == nil, user == nil { throw ValidationError("Say what: SESSION, or --user ID.") }
        if session == nil, !yes, isatty(STDIN_FILENO) == 0 {
            throw ValidationError("--user deletes everything of a user: say --yes where nobody can be asked.")
        }
    }

    func run() throws {
        try reporting {
            let connection = try client.connect()
            guard session != nil || yes || isConfirmed() else { throw ExitStatus.failed }
            let reply = try connection.ask(
                JSONObject(
                    command: "delete",
                    ["session_id": session.map(JSONValue.string), "user_id": user.map(JSONValue.string)]))
            if output.json { return Terminal.output.write(json: reply.members.line) }
            let counts = ["session", "run", "message"].map { Quantity.text(reply[$0 + "s"]?.int64 ?? 0, $0) }
            Terminal.output.write("deleted \(counts.joined(separator: ", "))\n")
        }
    }

    private func isConfirmed() -> Bool {
        Terminal.errors.write("Delete everything of \(Terminal.oneLine(user ?? "")) for good? [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        return ["y", "yes"].contains(answer)
    }
}
