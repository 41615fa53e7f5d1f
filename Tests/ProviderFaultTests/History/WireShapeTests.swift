import AgentTestKit
import Testing

extension ProviderFaults {
    /// The judge of conversations sees what providers would refuse.
    @Suite struct WireShapeTests {
        private func problems(_ format: WireFormat, _ messages: String, _ more: String = "") -> [String] {
            WireShape.problems(format, Array(#"{"messages":[\#(messages)]\#(more)}"#.utf8))
        }

        private static let ask = #"{"role":"user","content":"q"}"#
        private static let call =
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","#
            + #""function":{"name":"t","arguments":"{}"}}]}"#
        private static let result = #"{"role":"tool","tool_call_id":"c1","content":"r"}"#

        @Test func aConversationThatIsWellFormedHasNoProblem() {
            #expect(problems(.openai, [Self.ask, Self.call, Self.result].joined(separator: ",")).isEmpty)
            #expect(problems(.anthropic, Self.block("user", #"{"type":"text","text":"q"}"#)).isEmpty)
        }

        @Test(arguments: [
            [ask, ask], [call], [ask, call], [ask, result], [ask, call, result, call, result],
            [ask, #"{"role":"assistant","content":" "}"#, ask], [ask, call, ask], [],
        ])
        func whatChatCompletionsRefuseIsFound(messages: [String]) {
            #expect(!problems(.openai, messages.joined(separator: ",")).isEmpty)
        }

        private static func block(_ role: String, _ blocks: String) -> String {
            #"{"role":"\#(role)","content":[\#(blocks)]}"#
        }

        private static let question = block("user", #"{"type":"text","text":"q"}"#)
        private static let use = block("assistant", #"{"type":"tool_use","id":"c1","name":"t","input":{}}"#)
        private static let answer = #"{"type":"tool_result","tool_use_id":"c1","content":"r"}"#

        @Test(arguments: [
            [question, question], [use], [question, use, question], [block("user", "")],
            [block("user", #"{"type":"text","text":""}"#)],
            [question, use, block("user", answer + "," + answer)],
            [question, use, block("user", #"{"type":"text","text":"q"},"# + answer)],
        ])
        func whatMessagesRefuseIsFound(messages: [String]) {
            #expect(!problems(.anthropic, messages.joined(separator: ","), #","tools":[{}]"#).isEmpty)
        }
    }
}
