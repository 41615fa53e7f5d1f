import AgentProtocol
import ArgumentParser

/// `agentd ping`: says whether a daemon answers, and with `--verbose` how it is.
struct PingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "See whether the daemon answers, and how it is.",
        discussion: """
            EXAMPLES
              agentd ping
              agentd ping --verbose             runs, connections, commits, storage
              until agentd ping; do sleep 1; done

            Exit codes: 0; 64 usage; 69 no daemon; 75 it does not answer within 5 seconds.
            """)

    @Flag(name: .shortAndLong, help: "Say how the daemon is.")
    var verbose = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try reporting {
            let started = ContinuousClock.now
            let connection = try client.connect()
            let reply = try connection.ask(
                JSONObject(command: verbose ? "hello" : "ping"), until: started + ClientOptions.patience)
            let took = ContinuousClock.now - started
            if output.json { return Terminal.output.write(json: reply.members.line) }
            Terminal.output.write("\(client.path) answers in \(ShownTime.milliseconds(took)) ms\n")
            if verbose { for line in Self.facts(reply) { Terminal.output.write("  \(Terminal.oneLine(line))\n") } }
        }
    }

    /// What `hello` says that an operator wants to know.
    private static func facts(_ hello: ClientFrame) -> [String] {
        func number(_ name: String) -> String { hello[name]?.int64.map(String.init) ?? "?" }
        let agents = hello["agents"]?.array?.compactMap(\.string) ?? []
        let commit = hello["commit_p99_ms"]?.double.map { ShownTime.milliseconds(.milliseconds($0)) + " ms" }
        return [
            "server              \(hello.string("server") ?? "?")",
            "agents              \(agents.joined(separator: ", "))",
            "live runs           \(number("live_runs"))",
            "queued runs         \(number("queued"))",
            "connections         \(number("connections"))",
            "commits (p99)       \(commit ?? "none yet")",
            "log                 \(number("log_bytes")) bytes",
            "last storage error  \(hello.string("last_storage_error") ?? "none")",
            "last reload error   \(hello.string("last_reload_error") ?? "none")",
        ]
    }
}
