import AgentTestKit
import Testing

/// What an operator sees who starts the daemon with a mistake in its configuration.
@Suite(.ownThread) struct BrokenStartTests {
    /// Starts the built daemon; returns how it ended and what it said, with file names relative to the directory.
    private func start(_ files: [String: String]) throws -> (ending: ChildProcess.Ending, log: String) {
        let home = try DaemonHome()
        try home.directory.makeDirectory("agents.d")
        for (name, text) in files { try home.directory.write(name, text) }
        home.config = home.directory.file("agentd.toml")
        let (ending, log) = try DaemonProcess.refusal(in: home)
        return (
            ending,
            log.replacing(home.directory.path + "/", with: "").replacing("\\\"", with: "\"").replacing(
                "\\\\", with: "\\")
        )
    }

    private func expect(_ broken: BrokenConfiguration, _ files: [String: String]) throws {
        let (ending, log) = try start(files)
        #expect(ending == .exited(78), "\(log)")
        for complaint in broken.complaints { #expect(log.contains(complaint), "\(log)") }
        #expect(log.split(separator: "\n").count == broken.complaints.count, "a line for each mistake: \(log)")
    }

    @Test(arguments: BrokenConfiguration.mainFiles) func aMistakeInTheMainFileIsNamed(broken: BrokenConfiguration)
        throws
    {
        try expect(broken, ["agentd.toml": broken.text])
    }

    @Test(arguments: BrokenConfiguration.agentFiles) func aMistakeInAnAgentIsNamed(broken: BrokenConfiguration) throws {
        try expect(broken, ["agentd.toml": "default_agent = 'support'", "agents.d/support.toml": broken.text])
    }
}
