import AgentSystem
import ArgumentParser
import Glibc

/// `agentd demo`: shows what agentd is for, on a daemon of its own, and checks what it shows.
///
/// It needs no network, no key, no configuration and no answer from whoever runs it.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a daemon at work: an answer, a stop, what is remembered.",
        discussion: """
            Starts a daemon in a directory of its own, plays six steps against it over its socket, checks each claim \
            against the frames, and cleans up. Exits with 1 and names the step if a claim does not hold.
            """)

    func run() throws {
        try reporting {
            let signals = try blockSignals([SIGINT, SIGTERM, SIGHUP])
            // A reader that goes away (head, a pager) must not end us before we have cleaned up.
            SignalDescriptor.ignoreBrokenPipes()
            let directory = try TemporaryDirectory(prefix: "agentd-demo")
            do {
                try Self.play(in: directory.path, signals: signals)
            } catch {
                directory.remove()
                throw error
            }
            directory.remove()
        }
    }

    /// Starts the daemon, plays, and ends the daemon whatever happens.
    private static func play(in directory: String, signals: SignalDescriptor) throws {
        let daemon = try Daemon(directory: directory)
        do {
            let stage = Stage()
            stage.write("agentd \(AgentdVersion.current): a daemon of its own, in a directory of its own\n")
            try daemon.waitUntilOpen(signals: signals)
            var performance = Performance(socket: daemon.socket, signals: signals, stage: stage)
            try performance.play()
            stage.write("\nSix steps, and every claim held. To go on: agentd serve, then agentd run \"Hello\".\n")
        } catch {
            daemon.end()
            throw error
        }
        daemon.end()
    }
}
