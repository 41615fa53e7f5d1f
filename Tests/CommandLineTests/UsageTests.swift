import AgentTestKit
import Testing

@Suite("Somebody who types a command wrongly, or asks how", .ownThread)
struct UsageTests {
    private static let commands = [
        "serve", "check", "config", "doctor", "backup", "schema", "run", "chat", "attach", "stop", "list", "history",
        "update", "delete", "ping", "metrics", "socket", "demo",
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
        #expect(help.output[usage.lowerBound...].split(separator: "\n")[0].count <= 80, "a line of a terminal")
    }

    @Test(
        "is told in one line what is wrong, and gets exit code 64",
        arguments: [
            (["lst"], "lst"), (["run"], "<text>"), (["stop"], "RUN"), (["list", "things"], "sessions, runs, agents"),
            (["list", "--limit", "0"], "--limit"), (["attach", "--after", "x", "r1"], "--after"),
            (["delete"], "SESSION"), (["update", "s1"], "--title"), (["stop", "--all", "r1"], "--all"),
            (["ping", "--colour"], "--colour"), (["schema", "pong"], "pong"),
        ])
    func mistake(arguments: [String], named: String) throws {
        let result = try shell.run(arguments)
        #expect(result.code == 64)
        #expect(result.output == "")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.hasPrefix("agentd: ") && result.errors.contains(named), "\(result.errors)")
        #expect(result.errors.contains("--help)\n"))
        #expect(!result.errors.contains(". (see"))
    }

    @Test("gets the version however it is asked for", arguments: ["version", "--version"])
    func version(word: String) throws {
        let result = try shell.run([word])
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("agentd "))
    }

    @Test("is told where a ledger was looked for, and each mistake of a configuration on a line as check does")
    func whereToLook() throws {
        let backup = try shell.run(["backup", "--state-dir", shell.home.state, "copy.db"])
        #expect(backup.code == 74)
        #expect(backup.errors.hasPrefix("agentd: there is no ledger in \(shell.home.state) "))
        try shell.home.configure("version = 1\nsokcet = 1\nsokect = 1\n")
        let file = ["--config", shell.home.config ?? ""]
        #expect(try shell.run(["config"] + file).errors == shell.run(["check"] + file).errors)
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
