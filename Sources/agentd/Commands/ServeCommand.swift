import AgentConfig
import AgentProtocol
import AgentSystem
import ArgumentParser
import Logging

#if canImport(Glibc)
import Glibc
#endif

/// `agentd serve`: the daemon itself, in the foreground.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the daemon in the foreground.",
        usage: "agentd serve [options]",
        discussion: """
            EXAMPLES
              agentd serve                                    one agent, which plays a built-in script
              agentd serve --config agentd.toml
              agentd serve --socket ./a.sock --state-dir ./state --log-level debug

            Without a configuration there is one agent, demo, which plays a built-in script. SIGTERM drains: new runs \
            are refused, live ones may end, then the daemon does. A second SIGTERM ends live runs at once. SIGHUP reads \
            the configuration again: runs that have begun keep their agents, later ones get the new ones; what cannot \
            be read changes nothing.

            Exit codes: 0 asked to end; 64 usage; 65 the ledger is damaged; 71 data cannot be forced to the disk; 73 \
            the socket or the directory cannot be made; 74 reading or writing failed; 75 another daemon has the \
            socket or the state; 77 permissions; 78 configuration.
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where to listen.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Where to keep the database.", valueName: "dir"))
    var stateDir: String?

    @Option(
        help: "How much to log: trace, debug, info, notice, warning, error or critical.",
        transform: { try word($0, in: Logger.Level.allCases) })
    var logLevel: Logger.Level = .info

    @Option(help: "How to log: logfmt or json.", transform: { try word($0, in: LogLine.Format.allCases) })
    var logFormat: LogLine.Format = .logfmt

    private static func word<Choice: RawRepresentable<String>>(_ text: String, in choices: [Choice]) throws -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("must be one of " + choices.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    func run() throws {
        let format = logFormat
        let level = logLevel
        let logger = Logger(label: "agentd") { _ in LogfmtHandler(level: level, format: format) }
        let code: Int32
        do {
            let signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
            SignalDescriptor.ignoreBrokenPipes()
            // What the daemon makes, SQLite's files too, is its own; the socket gets its mode explicitly.
            umask(0o077)
            let descriptors = try DescriptorLimit.raise(roomFor: Limits.connections + Limits.liveRuns)
            code = Daemon.run(try settings(descriptors: descriptors), signals: signals, logger: logger)
        } catch let error as ConfigurationError {
            for issue in error.issues { logger.critical("configuration", metadata: ["error": "\(issue)"]) }
            throw ExitStatus.configuration
        } catch {
            logger.critical("cannot start", metadata: ["error": "\(error)"])
            throw ExitCode(DaemonFailure.exitCode(of: error))
        }
        throw ExitCode(code)
    }

    /// Flags over environment over file over defaults.
    private func settings(descriptors: Int) throws -> DaemonSettings {
        let environment = ProcessEnvironment.variables
        let source = ConfigurationSource(flag: config, environment: environment)
        var keys = ProviderKeys()
        let (configuration, scripts) = try source.read(&keys)
        let inherited = try InheritedSocket.adopt(environment: environment)
        return DaemonSettings(
            source: source, configuration: configuration, scripts: scripts, keys: keys,
            socket: try inherited?.path
                ?? StandardPaths.serveSocket(
                    flag: socket, environment: environment, configured: configuration.socket.path,
                    isRoot: geteuid() == 0),
            inheritedSocket: inherited,
            stateDirectory: try StandardPaths.stateDirectory(flag: stateDir, environment: environment),
            descriptors: descriptors, environment: environment)
    }
}
