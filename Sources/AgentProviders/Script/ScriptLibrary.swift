import AgentProtocol

/// Scripts by name: the built-in ones, and those of the configuration, which win.
public struct ScriptLibrary: Sendable {
    private var scripts: [String: Script] = [:]

    /// The built-in scripts.
    public init() throws(ScriptError) {
        for (name, text) in BuiltInScripts.all { try add(name, Array(text.utf8)) }
    }

    /// Adds a script from its JSON.
    public mutating func add(_ name: String, _ json: [UInt8]) throws(ScriptError) {
        do throws(ScriptError) { scripts[name] = try ScriptReader.read(json) } catch {
            throw ScriptError(description: "script \(name): \(error.description)")
        }
    }

    /// Whether there is a script of this name.
    public func contains(_ name: String) -> Bool { scripts[name] != nil }

    subscript(name: String) -> Script? { scripts[name] }
}
