import ArgumentParser

/// `agentd version`: says which version this is.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version and leave.", discussion: "EXAMPLES\n  agentd version")

    func run() {
        Terminal.output.write("agentd \(AgentdVersion.current)\n")
    }
}
