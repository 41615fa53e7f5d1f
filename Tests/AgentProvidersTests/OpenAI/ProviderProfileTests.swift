import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct ProviderProfileTests {
    private let generic = ProviderProfile.preset(named: "generic")!

    @Test func everyPresetIsThereAndItsRulesCanBeApplied() {
        #expect(
            Set(ProviderProfile.presetNames) == [
                "openai", "anthropic", "openrouter", "deepseek", "groq", "mistral", "ollama", "vllm", "llamacpp",
                "azure", "gemini-compat", "generic",
            ])
        for profile in ProviderProfile.presetNames.compactMap(ProviderProfile.preset) {
            for rule in profile.models {
                #expect(profile.adjusted(for: rule.prefix + "-x") != ProviderProfile(name: "", wire: .openai))
            }
            #expect(!profile.requiresMaxTokens || profile.maxTokens != nil)
        }
        #expect(ProviderProfile.preset(named: "nobody") == nil)
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", "openai"), ("https://api.anthropic.com/v1/", "anthropic"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.deepseek.com", "deepseek"), ("https://api.groq.com/openai/v1", "groq"),
        ("https://me.openai.azure.com/openai/v1", "azure"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini-compat"),
        ("http://localhost:11434/v1", "ollama"), ("http://10.0.0.5:8000/v1", "vllm"),
        ("http://[::1]:8080/v1", "llamacpp"), ("http://[::1]/v1", "generic"), ("https://API.MISTRAL.AI/v1", "mistral"),
        ("https://evil-api.openai.com.example.org/v1", "generic"),
        ("https://api.openai.com@example.org/", "generic"), ("", "generic"),
    ]) func anAddressTellsThePreset(_ url: String, _ name: String) {
        let profile = ProviderProfile.inferred(baseURL: url)
        #expect(profile.name == name)
        #expect(!profile.baseURL.hasSuffix("/"))
    }

    @Test func settingsAreTaken() throws {
        var profile = generic
        try profile.apply(
            [
                "max_tokens": .number(JSONNumber(100)), "temperature": .number(JSONNumber(1)),
                "reasoning_field": .string("reasoning"), "headers": .object(["x-a": .string("b")]),
                "path": .string("chat"),
            ] as JSONObject)
        #expect(
            profile.maxTokens == 100 && profile.temperature == 1 && profile.reasoningField == .reasoning
                && profile.headers == [.init(name: "x-a", value: "b")] && profile.path == "/chat")
        try profile.apply(["max_tokens": .null] as [String: JSONValue])
        #expect(profile.maxTokens == nil)
    }

    @Test(arguments: [
        ("max_token", #"there is no setting "max_token"; did you mean "max_tokens"?"#),
        ("zebra", #"there is no setting "zebra""#),
    ]) func anUnknownKeyIsNamedWithTheNearest(_ key: String, _ expected: String) {
        var profile = generic
        #expect(throws: ProfileError(key: key, expected)) { try profile.apply([key: .bool(true)]) }
    }

    @Test(arguments: [
        ("max_tokens", JSONValue.string("many")), ("max_tokens", .number(JSONNumber(0))),
        ("temperature", .number(JSONNumber(3))), ("authorization", .string("basic")),
        ("asks_for_usage", .string("yes")), ("headers", .object(["a b": .string("x")])),
        ("headers", .object(["a": .string("x\r\ny: z")])), ("extra_body", .object(["messages": .array([])])),
        ("models", .object(["gpt": .object(["zebra": .null])])), ("models", .array([])), ("base_url", .string("")),
    ]) func aWrongValueChangesNothing(_ key: String, _ value: JSONValue) {
        var profile = generic
        #expect(throws: ProfileError.self) {
            try profile.apply(["tool_name_limit": .number(JSONNumber(32)), key: value])
        }
        #expect(profile == generic)
    }

    @Test func whatTheUserSetsWinsOverAPresetsRule() throws {
        var profile = try #require(ProviderProfile.preset(named: "anthropic"))
        try profile.apply([
            "max_tokens": .number(JSONNumber(77)),
            "models": .object(["claude-3-5": .object(["max_tokens": .number(JSONNumber(88))])]),
        ])
        #expect(profile.adjusted(for: "claude-3-opus").maxTokens == 77)
        #expect(profile.adjusted(for: "anthropic/Claude-3-5-sonnet").maxTokens == 88)
        let once = profile.adjusted(for: "claude-3-5-sonnet")
        #expect(once.adjusted(for: "claude-3-5-sonnet").maxTokens == 88)
    }
}
