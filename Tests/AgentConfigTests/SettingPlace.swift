import AgentProtocol
import Testing

/// One key of a published schema, and the smallest configuration that it can stand in.
struct SettingPlace: Sendable, CustomTestStringConvertible {
    /// The tables that lead to it in its file, and its key.
    let path: [String]
    /// What the schema says of it.
    let schema: JSONObject
    let isAgents: Bool

    var testDescription: String { (isAgents ? "agent." : "") + path.joined(separator: ".") }

    /// A file in which the setting has a value, written as TOML.
    func file(_ value: String) -> String {
        let key = path.map { "'\($0)'" }.joined(separator: ".")
        var lines = isAgents && path != ["model"] ? ["model = 'script/demo'"] : []
        if path.first == "providers", path.count > 2, path.last != "kind" {
            lines.append("providers.a.kind = 'openai'")
        }
        if path.first == "prices", path.count > 2 {
            for other in ["input", "output"] where path.last != other {
                lines.append("prices.'script/demo'.\(other) = 1")
            }
        }
        return (lines + ["\(key) = \(value)"]).joined(separator: "\n")
    }

    /// Every key that the two schemas have, also of tables with names of one's own.
    static let all: [SettingPlace] =
        walk(try! JSONSchema("agentd.toml.schema.json"), isAgents: false)
        + walk(try! JSONSchema("agent.toml.schema.json"), isAgents: true)

    /// Names for tables and keys that the operator names.
    private static let names = ["providers": "a", "prices": "script/demo", "headers": "X-Team"]

    private static func walk(_ schema: JSONSchema, isAgents: Bool) -> [SettingPlace] {
        func walk(_ object: JSONObject, at path: [String]) -> [SettingPlace] {
            let named = path.last.flatMap { names[$0] }
            let members =
                (object["properties"]?.object?.members ?? []).map { ($0.name, $0.value) }
                + (object["patternProperties"]?.object?.members ?? []).map { (named!, $0.value) }
            return members.flatMap { name, value in
                let inner = schema.resolved(value.object!)
                let place = SettingPlace(path: path + [name], schema: inner, isAgents: isAgents)
                // What is in a profile is another room's business.
                return [place] + (name == "profile" ? [] : walk(inner, at: place.path))
            }
        }
        return walk(schema.root, at: [])
    }
}
