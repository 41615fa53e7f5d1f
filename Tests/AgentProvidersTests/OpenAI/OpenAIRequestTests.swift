import AgentEngine
import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct OpenAIRequestTests {
    @Test(arguments: ["openai", "deepseek", "mistral", "gemini-compat", "openrouter", "generic"])
    func everyHistoryBecomesARequestThatIsTaken(_ preset: String) throws {
        let profile = try #require(ProviderProfile.preset(named: preset))
        for seed in UInt64(0)..<500 {
            let body = OpenAIRequest.body(RandomHistory.request(seed: seed), profile: profile)
            let problems = OpenAIShape(profile).problems(of: body)
            if !problems.isEmpty {
                Issue.record(
                    "\(preset), seed \(seed): \(problems.joined(separator: "; ")) in \(String(decoding: body, as: UTF8.self))"
                )
            }
        }
    }

    private func message(_ role: Role, _ content: String, call: String? = nil, kept: String? = nil) -> Message {
        Message(
            messageID: MessageID(trusted: "m"), runID: RunID(trusted: "r"), step: 1, position: 1, role: role,
            content: content,
            toolCallID: call.map(ToolCallID.init(trusted:)), toolName: call.map { _ in "f" },
            toolArguments: .object(["x": .string("\"")]),
            createdAt: Timestamp(milliseconds: 0), completedAt: nil, providerData: kept.map { Array($0.utf8) })
    }

    private func body(
        _ preset: String, _ messages: [Message], model: String = "m",
        _ change: (inout ProviderProfile) -> Void = { _ in }
    ) throws -> String {
        var profile = try #require(ProviderProfile.preset(named: preset))
        change(&profile)
        let request = ModelRequest(model: model, instructions: "Be brief.", messages: messages, step: 2)
        return String(decoding: OpenAIRequest.body(request, profile: profile), as: UTF8.self)
    }

    @Test func aRequestLooksLikeThis() throws {
        let told = try body(
            "openai",
            [
                message(.user, "Hi"), message(.assistant, ""), message(.tool, "42", call: "c1"),
                message(.assistant, "It is 42."), message(.user, "Thanks"),
            ])
        #expect(
            told
                == #"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":\"\\\"\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"42"},{"role":"assistant","content":"It is 42."},{"role":"user","content":"Thanks"}],"stream":true,"stream_options":{"include_usage":true}}"#
        )
    }

    @Test func modelsDecideTheRoleAndTheTemperature() throws {
        let hot: (inout ProviderProfile) -> Void = {
            $0.temperature = 0.5
            $0.maxTokens = 100
        }
        let old = try body("openai", [message(.user, "Hi")], model: "gpt-4o", hot)
        #expect(
            old.contains(#""role":"system""#) && old.contains(#""temperature":0.5"#)
                && old.contains(#""max_completion_tokens":100"#))
        let reasoning = try body("openai", [message(.user, "Hi")], model: "openai/gpt-5.1", hot)
        #expect(reasoning.contains(#""role":"developer""#) && !reasoning.contains("temperature"))
        let first = try body("openai", [message(.user, "Hi")], model: "o1-mini-2024")
        #expect(first.contains(#"[{"role":"user","content":"Be brief.\n\nHi"}]"#))
        #expect(try body("mistral", [message(.user, "Hi")]).contains("stream_options") == false)
    }

    @Test func reasoningGoesBackWhereItCameFromAndOnlyWithCalls() throws {
        let kept = #"{"kind":"openai","reasoning":"hm"}"#
        let messages = [
            message(.user, "Hi"), message(.assistant, "", kept: kept), message(.tool, "42", call: "c1"),
            message(.assistant, "Yes.", kept: kept), message(.user, "And?"),
        ]
        let deep = try body("deepseek", messages)
        #expect(
            deep.split(separator: #""reasoning_content":"hm""#).count == 2
                && !deep.contains(#""content":"Yes.","reasoning"#))
        #expect(!(try body("openai", messages)).contains("reasoning"))
        let foreign = try body(
            "deepseek",
            [
                message(.user, "Hi"), message(.assistant, "", kept: #"{"kind":"anthropic","model":"m","content":[]}"#),
                message(.tool, "42", call: "c1"),
            ])
        #expect(foreign.contains(#""reasoning_content":"""#))
        let details = try body(
            "openrouter",
            [
                message(.user, "Hi"),
                message(.assistant, "Yes.", kept: #"{"kind":"openai","reasoning_details":[{"type":"x","n":1.10}]}"#),
                message(.user, "And?"),
            ])
        #expect(details.contains(#""reasoning_details":[{"type":"x","n":1.10}]"#))
        let sealed = try body(
            "gemini-compat",
            [
                message(.user, "Hi"),
                message(.assistant, "", kept: #"{"kind":"openai","calls":[{"id":"c1","extra_content":{"g":1}}]}"#),
                message(.tool, "42", call: "c1"),
            ])
        #expect(sealed.contains(#""extra_content":{"g":1}}]"#))
    }

    @Test func whatTheUserAddsIsSent() throws {
        let told = try body("generic", [message(.user, "Hi")]) {
            $0.extraBody = ["reasoning_effort": .string("low"), "num": .number(JSONNumber(1))]
        }
        #expect(told.hasSuffix(#","reasoning_effort":"low","num":1}"#))
    }

    @Test func longNamesAreShortenedAndStayTwo() {
        let long = String(repeating: "a", count: 100)
        let (one, two) = (ToolNames.wireName(long + "1", limit: 64), ToolNames.wireName(long + "2", limit: 64))
        #expect(one != two && one.utf8.count == 64 && one == ToolNames.wireName(long + "1", limit: 64))
        #expect(ToolNames.wireName("get_weather", limit: 64) == "get_weather")
        #expect(
            ToolNames.wireName("a.b", limit: 64).hasPrefix("a_b_")
                && ToolNames.wireName("a.b", limit: 64) != ToolNames.wireName("a/b", limit: 64))
        #expect(StableHash.letters(of: "agentd", count: 30) == StableHash.letters(of: "agentd", count: 30))
    }
}
