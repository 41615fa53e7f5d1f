import ArgumentParser

/// The entry point: `agentd` and its subcommands.
@main struct AgentDaemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agentd", abstract: "Runs LLM agents for other programs, over a Unix socket.",
        discussion: """
            EXAMPLES
              agentd demo                       watch it work, nothing to set up
              agentd serve --socket ./a.sock --state-dir ./state
              agentd run --socket ./a.sock "What can you do?"
              agentd chat --socket ./a.sock     a conversation at the terminal
              agentd help list                  what a command takes, with examples
            """,
        subcommands: [
            ServeCommand.self, CheckCommand.self, ConfigCommand.self, DoctorCommand.self, BackupCommand.self,
            SchemaCommand.self, DemoCommand.self, VersionCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "Client",
                subcommands: [
                    RunSubcommand.self, ChatCommand.self, AttachSubcommand.self, StopSubcommand.self,
                    ListSubcommand.self,
                    HistorySubcommand.self, UpdateSubcommand.self, DeleteSubcommand.self, PingCommand.self,
                    MetricsCommand.self, SocketCommand.self,
                ])
        ])

    /// Runs the command that was typed. A mistake in typing is told in one line, with where to read on.
    static func main() {
        do {
            // Typed by those who have not yet read that it is a command here.
            let isVersion = CommandLine.arguments.dropFirst() == ["--version"]
            var command = try parseAsRoot(isVersion ? ["version"] : nil)
            try command.run()
            try command.reporting { try Terminal.requireOutput() }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            let name = configuration.subcommands.map { $0._commandName }
                .first { $0 == CommandLine.arguments.dropFirst().first }
            let help = ["agentd", name, "--help"].compactMap { $0 }.joined(separator: " ")
            var sentence = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            if sentence.hasSuffix(".") { sentence.removeLast() }
            Terminal.errors.note("\(sentence) (see \(help))")
            exit(withError: ExitCode.validationFailure)
        }
    }
}
