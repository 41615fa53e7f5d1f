import ArgumentParser

/// `agentd doctor`: looks at everything a daemon needs, and says what to do.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything the daemon needs, and say what to do.",
        usage: "agentd doctor [options]",
        discussion: """
            EXAMPLES
              agentd doctor
              agentd doctor --config agentd.toml --state-dir /var/lib/agentd
              agentd doctor --json | jq -c 'select(.status!="ok")'

            Looks at versions, limits, configuration, socket, state directory, ledger, disk, keys, and whether the \
            servers of the models take a connection. It starts and changes nothing, asks no model, and shows no key; \
            it may run beside the daemon. Each line is ok, warn or fail, and what is not ok says what to do.

            Exit codes: 0 nothing has failed; 1 something has; 64 usage.
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where the daemon listens.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Where the database is kept.", valueName: "dir"))
    var stateDir: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        var hasFailed = false
        let doctor = Doctor(config: config, socket: socket, stateDirectory: stateDir) { finding in
            if finding.verdict == .bad { hasFailed = true }
            if output.json {
                Terminal.output.write(json: finding.record.line)
            } else {
                Terminal.output.write(finding.text(for: .output))
            }
        }
        doctor.examine()
        if hasFailed { throw ExitStatus.failed }
    }
}
