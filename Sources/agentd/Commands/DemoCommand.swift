import AgentSystem
import ArgumentParser
import Glibc

/// `agentd demo`: shows what agentd is for, on a daemon of its own, and checks what it shows.
///
/// It needs no network, no key, no configuration and no answer from whoever runs it; where the environment has a key, a
/// real model answers.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a daemon at work: an answer, a stop, what is remembered.",
        discussion: """
            EXAMPLES
              agentd demo
              AGENTD_DEMO_MODEL=some-model agentd demo    with OPENAI_API_KEY set

            Starts a daemon in a directory of its own, plays six steps against it over its socket, checks each claim \
            against the frames, and cleans up. Exit codes: 0; 1 a claim does not hold, which is named; 70 the daemon did not start; 78 no such model is configured.

            A built-in script answers, or a real model: Anthropic's if ANTHROPIC_API_KEY is set, else OpenAI's or a \
            compatible one if OPENAI_API_KEY or OPENAI_BASE_URL is. AGENTD_DEMO_MODEL names the model.
            """)

    func run() throws {
        try reporting {
            let model = try Model.chosen()
            let signals = try blockSignals([SIGINT, SIGTERM, SIGHUP])
            // A reader that goes away (head, a pager) must not end us before we have cleaned up.
            SignalDescriptor.ignoreBrokenPipes()
            let directory = try TemporaryDirectory(prefix: "agentd-demo")
            do {
                try Self.play(in: directory.path, model: model, signals: signals)
            } catch {
                directory.remove()
                throw error
            }
            directory.remove()
        }
    }

    /// Starts the daemon, plays, and ends the daemon whatever happens.
    private static func play(in directory: String, model: Model?, signals: SignalDescriptor) throws {
        let daemon = try Daemon(directory: directory, model: model)
        do {
            let stage = Stage()
            stage.write("agentd \(AgentdVersion.current): a daemon of its own, in a directory of its own\n")
            stage.write("\(introduction(of: model))\n")
            try daemon.waitUntilOpen(signals: signals)
            var performance = Performance(socket: daemon.socket, model: model, signals: signals, stage: stage)
            try performance.play()
            stage.write("\nSix steps, and every claim held. To go on: agentd serve, then agentd run \"Hello\".\n")
        } catch {
            daemon.end()
            throw error
        }
        daemon.end()
    }

    /// Who answers, and why.
    private static func introduction(of model: Model?) -> String {
        guard let model else {
            return "A script answers; with ANTHROPIC_API_KEY or OPENAI_API_KEY set, a real model does."
        }
        let name = Terminal.harmless(model.name)
        return "\(model.provider)/\(name) answers, because \(model.reason); AGENTD_DEMO_MODEL names another model."
    }
}
