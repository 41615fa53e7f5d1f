import AgentTestKit
import Testing

@Suite("Somebody who types a command wrongly, or asks how", .ownThread)
struct UsageTests {
    private static let commands = [
        "serve", "check", "doctor", "run", "chat", "attach", "stop", "list", "history", "update", "delete", "ping",
        "socket",
        "demo",
    ]

    private let shell: CommandLine

    init() throws { shell = CommandLine(home: try DaemonHome()) }

    @Test("reads examples before anything else", arguments: commands)
    func helpBeginsWithExamples(command: String) throws {
        let help = try shell.run([command, "--help"])
        #expect(help.code == 0)
        let examples = try #require(help.output.firstRange(of: "EXAMPLES\n  agentd \(command)"))
        let usage = try #require(help.output.firstRange(of: "USAGE:"))
        #expect(examples.lowerBound < usage.lowerBound)
        #expect(help.output.contains("xit code"), "and the exit codes")
    }

    @Test(
        "is told in one line what is wrong, and gets exit code 64",
        arguments: [
            (["lst"], "lst"), (["run"], "<text>"), (["stop"], "RUN"), (["list", "things"], "sessions, runs, agents"),
            (["list", "--limit", "0"], "--limit"), (["attach", "--after", "x", "r1"], "--after"),
            (["delete"], "SESSION"), (["update", "s1"], "--title"), (["stop", "--all", "r1"], "--all"),
            (["ping", "--colour"], "--colour"),
        ])
    func mistake(arguments: [String], named: String) throws {
        let result = try shell.run(arguments)
        #expect(result.code == 64)
        #expect(result.output == "")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.hasPrefix("agentd: ") && result.errors.contains(named), "\(result.errors)")
        #expect(result.errors.contains("--help)\n"))
    }

    @Test(
        "is told that there is no daemon, and where it was looked for",
        arguments: [
            ["run", "hi"], ["chat"], ["attach", "r1"], ["stop", "r1"], ["list"], ["history", "s1"],
            ["update", "s1", "--restore"], ["delete", "s1"],
            ["ping"],
        ])
    func noDaemon(arguments: [String]) throws {
        let result = try shell.run(arguments)
        #expect(result.code == 69)
        #expect(result.output == "")
        #expect(result.errors.contains(shell.home.socket))
    }
}
