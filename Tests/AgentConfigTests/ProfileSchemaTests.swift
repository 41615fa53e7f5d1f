import AgentProtocol
import Testing

@testable import AgentProviders

/// What the published schema says of a provider's capabilities is what the providers' room takes.
@Suite struct ProfileSchemaTests {
    private static let root = try! JSONSchema("agentd.toml.schema.json")
    private static let keys = root.resolved(["$ref": .string("#/$defs/profile")])["properties"]!.object!.members

    private func takes(_ key: String, _ value: JSONValue) -> Bool {
        var profile = ProviderProfile.preset(named: "openai")!
        do throws(ProfileError) { try profile.apply([key: value] as JSONObject) } catch { return false }
        return true
    }

    private func publishes(_ key: String, _ value: JSONValue) -> Bool {
        let provider: JSONObject = ["kind": .string("openai"), "profile": .object([key: value])]
        return Self.root.complaints(.object(["providers": .object(["a": .object(provider)])])).isEmpty
    }

    @Test func bothKnowTheSameKeys() {
        #expect(Self.keys.map(\.name).sorted() == (ProfileKeys.all.map(\.key) + ["models"]).sorted())
    }

    @Test func bothKnowTheSamePresets() {
        let preset = Self.root.resolved(["$ref": .string("#/$defs/provider")])["properties"]?.object?["preset"]?.object
        #expect(preset?["enum"]?.array?.compactMap(\.string) == ProviderProfile.presetNames.sorted())
    }

    /// Values of every kind, and those at the edges of what a key says.
    private static func values(_ schema: JSONObject) -> [JSONValue] {
        let edges = ["minimum", "maximum"].compactMap { schema[$0]?.int64 }.flatMap { [$0 - 1, $0, $0 + 1] }
        return (schema["enum"]?.array ?? []) + edges.map { .number(JSONNumber($0)) } + [
            .bool(true), .string(""), .string("word"), .array([]), .object([:]), .object(["model": .string("x")]),
            .object(["a b": .string("x")]), .object(["x-a": .string("x")]), .object(["x-a": .string("x\ny")]),
            .object(["o1": .object(["max_tokens": .number(JSONNumber(1))])]),
            .object(["o1": .object(["max_tokens": .number(JSONNumber(0))])]),
            .object(["o1": .object(["models": .object([:])])]), .number(JSONNumber(-1)),
        ]
    }

    @Test(arguments: keys.map(\.name)) func bothTakeTheSameValues(key: String) throws {
        let schema = try #require(Self.keys.first { $0.name == key }?.value.object)
        for value in Self.values(schema) {
            // Null, which JSON has and TOML has not, is the only thing on which they differ.
            #expect(takes(key, value) == publishes(key, value), "\(value)")
        }
    }
}
