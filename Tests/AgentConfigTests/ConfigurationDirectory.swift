import AgentConfig
import AgentTestKit

/// A directory with the configuration of one test, removed with everything in it.
final class ConfigurationDirectory {
    private let directory: TemporaryDirectory

    /// Writes the files, named relative to the directory.
    init(_ files: [String: String] = [:]) {
        directory = try! TemporaryDirectory()
        try! directory.makeDirectory("agents.d")
        for (name, text) in files { write(name, Array(text.utf8)) }
    }

    var path: String { directory.path }

    func write(_ name: String, _ bytes: [UInt8]) { try! directory.write(name, bytes) }

    func load() throws(ConfigurationError) -> Configuration {
        try ConfigurationLoader.load(path: "\(path)/agentd.toml")
    }

    /// What is wrong, with file names relative to the directory.
    func complaints() -> [String] {
        do throws(ConfigurationError) {
            _ = try load()
            return []
        } catch {
            return error.issues.map { issue in
                var text = issue.description
                while let range = text.firstRange(of: path + "/") { text.removeSubrange(range) }
                return text
            }
        }
    }
}
