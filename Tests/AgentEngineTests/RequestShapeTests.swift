import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// The rehearsal stage notices what a provider would refuse.
@Suite struct RequestShapeTests {
    private func problems(_ rows: [(run: String, step: Int64, role: Role, text: String)], step: Int = 1) -> [String] {
        let messages = rows.enumerated().map { index, row in
            Message(
                messageID: MessageID(trusted: "m\(index)"), runID: RunID(trusted: row.run), step: row.step,
                position: Int64(index), role: row.role, content: row.text,
                toolCallID: row.role == .tool ? ToolCallID(trusted: row.text) : nil,
                toolName: row.role == .tool ? "search" : nil, createdAt: Timestamp(milliseconds: 1), completedAt: nil)
        }
        return RequestShape.problems(
            of: ModelRequest(model: "m", instructions: nil, messages: messages, step: step))
    }

    @Test func whatEveryProviderTakesIsFine() {
        #expect(
            problems([
                ("a", 0, .user, "ask"), ("a", 1, .assistant, ""), ("a", 1, .tool, "c1"), ("a", 1, .tool, "c2"),
                ("a", 2, .assistant, "fine"), ("b", 0, .user, "ask"),
            ]) == [])
        #expect(problems([("a", 0, .user, ""), ("a", 1, .assistant, "x"), ("a", 1, .tool, "c1")], step: 2) == [])
    }

    @Test func whatAProviderRefusesIsFound() {
        #expect(!problems([]).isEmpty)
        #expect(!problems([("a", 0, .user, "ask"), ("a", 1, .assistant, "x")]).isEmpty)
        #expect(!problems([("a", 0, .user, "ask"), ("b", 0, .user, "ask")]).isEmpty)
        #expect(!problems([("a", 1, .assistant, "x"), ("b", 0, .user, "ask")]).isEmpty)
        #expect(!problems([("a", 0, .user, "ask"), ("a", 1, .assistant, ""), ("b", 0, .user, "ask")]).isEmpty)
        #expect(!problems([("a", 0, .user, "ask"), ("a", 1, .tool, "c1")], step: 2).isEmpty)
        #expect(
            !problems(
                [("a", 0, .user, "ask"), ("a", 1, .assistant, ""), ("a", 1, .tool, "c1"), ("a", 1, .tool, "c1")],
                step: 2
            ).isEmpty)
        #expect(
            !problems([("a", 0, .user, "ask"), ("a", 2, .assistant, ""), ("a", 1, .tool, "c1")], step: 2).isEmpty)
    }
}
