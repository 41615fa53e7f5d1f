import AgentEngine
import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct AnthropicRequestTests {
    private let profile = ProviderProfile.preset(named: "anthropic")!

    @Test func everyHistoryBecomesARequestThatIsTaken() {
        var reasoned = 0
        for seed in UInt64(0)..<500 {
            let body = AnthropicRequest.body(RandomHistory.request(seed: seed), profile: profile)
            let problems = AnthropicShape(model: RandomHistory.model).problems(of: body)
            let text = String(decoding: body, as: UTF8.self)
            if !problems.isEmpty { Issue.record("seed \(seed): \(problems.joined(separator: "; ")) in \(text)") }
            if text.contains("thinking") { reasoned += 1 }
        }
        #expect(reasoned > 50, "reasoning goes back sometimes")
    }

    private func message(
        _ role: Role, _ content: String, call: String? = nil, kept: String? = nil, interrupted: Bool = false
    ) -> Message {
        Message(
            messageID: MessageID(trusted: "m"), runID: RunID(trusted: "r"), step: 1, position: 1, role: role,
            content: content,
            toolCallID: call.map(ToolCallID.init(trusted:)), toolName: call.map { _ in "f" },
            toolArguments: .object(["x": .number(JSONNumber(1))]),
            createdAt: Timestamp(milliseconds: 0), completedAt: nil, interrupted: interrupted,
            providerData: kept.map { Array($0.utf8) })
    }

    private func body(_ messages: [Message], model: String = "claude-sonnet-4-5") -> String {
        let request = ModelRequest(model: model, instructions: "Be brief.", messages: messages, step: 2)
        return String(decoding: AnthropicRequest.body(request, profile: profile), as: UTF8.self)
    }

    private static let kept =
        #"{"kind":"anthropic","model":"claude-sonnet-4-5","content":[{"type":"thinking","thinking":"hm","signature":"S="},{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10}}]}"#

    @Test func aRequestLooksLikeThis() {
        let told = body([
            message(.user, "Hi"), message(.assistant, "I look."), message(.tool, "42", call: "toolu_1"),
            message(.user, "Go on"),
        ])
        #expect(
            told
                == #"{"model":"claude-sonnet-4-5","max_tokens":32000,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"42"},{"type":"text","text":"Go on"}]}],"tools":[{"name":"f","description":"Was available earlier in this conversation; may not be called now.","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"},"stream":true}"#
        )
    }

    @Test func reasoningGoesBackToTheModelThatReasoned() {
        func messages(interrupted: Bool = false, call: String = "toolu_1") -> [Message] {
            [
                message(.user, "Hi"), message(.assistant, "I look.", kept: Self.kept, interrupted: interrupted),
                message(.tool, "42", call: call),
            ]
        }
        let sealed =
            #"{"type":"thinking","thinking":"hm","signature":"S="},{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10}}"#
        #expect(body(messages()).contains(sealed))
        #expect(!body(messages(), model: "claude-opus-4-1").contains("thinking"))
        #expect(!body(messages(interrupted: true)).contains("thinking"))
        #expect(!body(messages(call: "toolu_2")).contains("thinking"))
    }

    @Test func namesThatComeTwiceAreToldApart() {
        let told = body([
            message(.user, "Hi"), message(.assistant, ""), message(.tool, "1", call: "a:b"),
            message(.tool, "2", call: "a:b"), message(.tool, "3", call: "a"),
            message(.assistant, ""), message(.tool, "4", call: "a"),
        ])
        #expect(AnthropicShape(model: "").problems(of: Array(told.utf8)) == [])
        #expect(
            told
                == body([
                    message(.user, "Hi"), message(.assistant, ""), message(.tool, "1", call: "a:b"),
                    message(.tool, "2", call: "a:b"), message(.tool, "3", call: "a"),
                    message(.assistant, ""), message(.tool, "4", call: "a"),
                ]))
    }

    @Test func olderModelsGetSmallerBounds() {
        #expect(body([message(.user, "Hi")], model: "claude-3-opus-20240229").contains(#""max_tokens":4096"#))
        #expect(body([message(.user, "Hi")], model: "claude-3-5-haiku-latest").contains(#""max_tokens":8192"#))
    }

    @Test func aResultThatFailedSaysSo() {
        var failed = message(.tool, "no", call: "toolu_1")
        failed.error = ErrorRecord(.internal, "x")
        #expect(
            body([message(.user, "Hi"), message(.assistant, ""), failed]).contains(#""content":"no","is_error":true"#))
    }
}
