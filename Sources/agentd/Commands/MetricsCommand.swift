import AgentProtocol
import ArgumentParser

/// `agentd metrics`: the daemon's figures in the words of Prometheus.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print the daemon's figures for Prometheus.",
        discussion: """
            EXAMPLES
              agentd metrics
              agentd metrics | sponge /var/lib/prometheus/node-exporter/agentd.prom

            Counters begin anew with the daemon. No label holds a run, a session or a user.

            Exit codes: 0; 64 usage; 69 no daemon; 75 it does not answer within 5 seconds; 77 not permitted.
            """)

    @OptionGroup var client: ClientOptions

    func run() throws {
        try reporting {
            let hello = try client.ask(JSONObject(command: "hello"), until: .now + ClientOptions.patience)
            Terminal.output.write(MetricsText.of(hello.members))
        }
    }
}
