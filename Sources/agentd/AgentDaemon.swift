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
            """,
        subcommands: [
            ServeCommand.self, RunSubcommand.self, DemoCommand.self, ConfigCommand.self, MetricsCommand.self,
            BackupCommand.self, VersionCommand.self,
        ])
}
