import AgentConfig
import AgentProtocol
import AgentSystem

/// A setting as `agentd config` shows it, with where it comes from.
struct EffectiveSetting {
    /// Who has said it.
    private enum Origin {
        case flag(String)
        case variable(String)
        case file(SourcePlace)
        case byDefault
    }

    private let setting: Setting
    private let origin: Origin

    /// A setting of the files, or a default.
    init(_ setting: Setting) {
        self.setting = setting
        origin = setting.place.map(Origin.file) ?? .byDefault
    }

    /// A path that the command line or the environment may say; `configured` is where a file says it.
    init(_ name: String, _ choice: StandardPaths.Choice, flag: String, configured: SourcePlace? = nil) {
        setting = Setting(
            key: name.split(separator: ".").map(String.init), value: .string(choice.path), place: configured)
        origin =
            switch choice.source {
            case .flag: .flag(flag)
            case .variable(let name): .variable(name)
            case .configured: configured.map(Origin.file) ?? .byDefault
            case .system: .byDefault
            }
    }

    /// One line of TOML, with its origin as a comment if it is wanted.
    func text(withOrigin: Bool) -> String {
        guard withOrigin else { return setting.line + "\n" }
        let comment =
            switch origin {
            case .flag(let name): name
            case .variable(let name): "$\(name)"
            case .file(let place): place.description
            case .byDefault: "default"
            }
        return "\(setting.line)  # \(comment)\n"
    }

    /// One line of JSON.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("key", setting.name)
        writer.member("value", setting.shownValue)
        switch origin {
        case .flag(let name):
            writer.member("origin", "flag")
            writer.member("flag", name)
        case .variable(let name):
            writer.member("origin", "environment")
            writer.member("variable", name)
        case .file(let place):
            writer.member("origin", "file")
            writer.member("file", place.file)
            if let line = place.line { writer.member("line", Int64(line)) }
        case .byDefault: writer.member("origin", "default")
        }
        writer.endObject()
        return writer.bytes + [0x0A]
    }
}
