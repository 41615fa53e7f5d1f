import AgentConfig
import Glibc

/// A directory with the configuration of one test, removed with everything in it.
final class ConfigurationDirectory {
    let path: String

    /// Writes the files, named relative to the directory.
    init(_ files: [String: String] = [:]) {
        var template = Array("/tmp/agentd-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        mkdir(path + "/agents.d", 0o700)
        for (name, text) in files { write(name, Array(text.utf8)) }
    }

    deinit {
        for directory in [path + "/agents.d", path] {
            for name in Self.names(in: directory) { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
    }

    func write(_ name: String, _ bytes: [UInt8]) {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

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

    private static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }
}
