import AgentConfig
import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// `agentd check`: says what is wrong with the configuration, without starting anything.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration.",
        discussion: """
            EXAMPLES
              agentd check
              agentd check --config agentd.toml
              agentd check --json | jq -r '"\\(.file):\\(.line)"'

            Reads what agentd serve would read: the configuration, the agents beside it, their scripts, and whether \
            the keys they need are there. Everything that is wrong is said at once, each with its file, its line and a \
            hint; nothing is started, asked or changed. With --json there is one object for each mistake, and none \
            where there are none.

            Exit codes: 0 nothing is wrong; 64 usage; 78 something is.
            """)

    @Option(
        help: ArgumentHelp(
            "The configuration; else AGENTD_CONFIG, else the user's, else the system's.", valueName: "file"))
    var config: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let environment = ProcessEnvironment.variables
        let path = StandardPaths.configFile(flag: config, environment: environment) { access($0, F_OK) == 0 }
        let review = ConfigurationReview(path: path, environment: environment)
        let issues = review.issues + review.keyIssues
        for issue in issues {
            if output.json {
                Terminal.output.write(json: Self.record(issue).line)
            } else {
                Terminal.errors.show("\(issue)\n")
            }
        }
        guard issues.isEmpty, let configuration = review.configuration else { throw ExitStatus.configuration }
        if !output.json { Terminal.output.show(Self.summary(configuration, path)) }
    }

    private static func record(_ issue: ConfigurationError.Issue) -> JSONObject {
        func number(_ value: Int?) -> JSONValue { value.map { .number(JSONNumber(Int64($0))) } ?? .null }
        return [
            "file": .string(issue.file), "line": number(issue.line), "column": number(issue.column),
            "message": .string(issue.message), "hint": issue.hint.map(JSONValue.string) ?? .null,
        ]
    }

    /// What holds, in a few lines: keys are named by where they are.
    private static func summary(_ configuration: Configuration, _ path: String?) -> String {
        var lines = ["\(path ?? "no configuration, so the built-in one"): nothing is wrong"]
        for agent in configuration.agents.values.sorted(by: { $0.name.text < $1.name.text }) {
            let mark = agent.name == configuration.defaultAgent ? " (default)" : ""
            lines.append("  agent     \(agent.name)\(mark): \(agent.provider)/\(agent.model)")
        }
        for provider in ConfigurationReview.named(configuration) where provider.kind != .script {
            lines.append("  provider  \(provider.name): \(provider.keySource.shown)")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension KeySource {
    /// Where a key comes from, in words; never the key.
    var shown: String {
        switch self {
        case .environment(let name): "key in \(name)"
        case .vendor(let variable, let credential): "key in \(variable) or the credential \(credential)"
        case .file(let path): "key in \(path)"
        case .credential(let name): "key in the credential \(name), if there is one"
        case .none: "no key"
        }
    }
}
