import AgentConfig
import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// `agentd config`: says what `agentd serve` would go by, and where it comes from.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings that hold, and where each comes from.",
        usage: "agentd config [options]",
        discussion: """
            EXAMPLES
              agentd config
              agentd config --show-origin --config agentd.toml
              agentd config --json | jq -r 'select(.origin == "default").key'

            Flags win over the environment, the environment over the files, the files over the defaults. Keys are never \
            shown, only where they come from; headers are asterisks.

            Exit codes: 0; 64 usage; 78 the configuration is wrong.
            """)

    @Flag(help: "Say where each setting comes from: flag, environment, file and line, or default.")
    var showOrigin = false

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where serve would listen.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Where serve would keep the database.", valueName: "dir"))
    var stateDir: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        try reporting {
            for setting in try settings() {
                if output.json {
                    Terminal.output.write(json: setting.json)
                } else {
                    Terminal.output.write(setting.text(withOrigin: showOrigin))
                }
            }
        }
    }

    /// What the command line and the environment decide, then what the files do.
    private func settings() throws -> [EffectiveSetting] {
        let environment = ProcessEnvironment.variables
        let file = StandardPaths.chooseConfigFile(flag: config, environment: environment) { access($0, F_OK) == 0 }
        do {
            let configuration = try ConfigurationLoader.load(path: file?.path)
            let socketChoice = try StandardPaths.chooseServeSocket(
                flag: socket, environment: environment, configured: configuration.socket.path, isRoot: geteuid() == 0)
            let state = try StandardPaths.chooseStateDirectory(flag: stateDir, environment: environment)
            let socketPlace = configuration.places[["socket", "path"]]
            var settings: [EffectiveSetting] = []
            if let file { settings.append(EffectiveSetting("config", file, flag: "--config")) }
            settings.append(EffectiveSetting("state_dir", state, flag: "--state-dir"))
            settings.append(EffectiveSetting("socket.path", socketChoice, flag: "--socket", configured: socketPlace))
            return settings
                + configuration.settings.filter { $0.key != ["socket", "path"] }.map(EffectiveSetting.init)
        } catch let error as ConfigurationError {
            // As check says it: what is wrong stands in files, each with its line.
            for issue in error.issues { Terminal.errors.show("\(issue)\n") }
            throw ExitStatus.configuration
        } catch {
            throw ClientFailure("\(error)", ExitCode(DaemonFailure.exitCode(of: error)))
        }
    }
}
