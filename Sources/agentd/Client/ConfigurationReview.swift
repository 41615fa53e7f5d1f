import AgentConfig
import AgentProtocol
import AgentProviders
import AgentSystem

/// Everything that `serve` would look at before it opens its door, looked at without opening one.
struct ConfigurationReview {
    /// The file; nil where there is none, and the built-in configuration holds.
    let path: String?
    /// What it says; nil when it cannot be read.
    private(set) var configuration: Configuration?
    /// What is wrong, file by file, but for keys.
    private(set) var issues: [ConfigurationError.Issue] = []
    /// Keys that are not there, or are none.
    private(set) var keyIssues: [ConfigurationError.Issue] = []

    /// Reads and checks the configuration at a path. Keys are looked for in this process's environment, and not kept.
    init(path: String?, environment: [String: String]) {
        self.path = path
        do throws(ConfigurationError) {
            configuration = try ConfigurationLoader.load(path: path)
        } catch {
            issues = error.issues
        }
        guard let configuration else { return }
        for provider in Self.named(configuration) {
            do throws(ConfigurationError) {
                _ = try KeyResolver.secrets(
                    for: [provider], credentials: CredentialDirectory(environment: environment), forget: { _ in })
            } catch {
                keyIssues += error.issues
            }
            guard provider.kind != .script else { continue }
            do throws(ConfigurationError) { _ = try ProviderProfile(of: provider) } catch { issues += error.issues }
        }
        for agent in configuration.agents.values.sorted(by: { $0.name.text < $1.name.text }) {
            do {
                var library = try ScriptLibrary()
                try library.add(for: agent, of: configuration)
            } catch let error as ConfigurationError {
                issues += error.issues
            } catch {
                preconditionFailure("a built-in script is broken: \(error)")
            }
        }
    }

    /// The providers that agents name, by name; the others are never asked.
    static func named(_ configuration: Configuration) -> [ProviderDefinition] {
        let names = Set(configuration.agents.values.map(\.provider))
        return configuration.providers.values.filter { names.contains($0.name) }.sorted { $0.name < $1.name }
    }
}
