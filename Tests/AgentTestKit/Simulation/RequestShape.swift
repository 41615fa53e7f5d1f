import AgentProtocol

public import struct AgentEngine.ModelRequest

/// The rules that every provider has for a conversation: one that breaks them is refused, and so is its session for ever.
public enum RequestShape {
    /// What is wrong with a request; nothing if nothing is.
    public static func problems(of request: ModelRequest) -> [String] {
        let messages = request.messages
        guard let last = messages.last else { return ["a request without messages"] }
        var problems: [String] = []
        func expect(_ holds: Bool, _ problem: String) {
            if !holds { problems.append("a request of \(last.runID), step \(request.step): \(problem)") }
        }
        expect(last.role == (request.step == 1 ? .user : .tool), "ends with \(last.role)")
        var calls: Set<String> = []
        for (index, message) in messages.enumerated() {
            let before = index == 0 ? nil : messages[index - 1]
            let isNewTurn = before?.runID != message.runID
            expect(
                isNewTurn == (message.role == .user), "\(message.messageID) is \(message.role) and not where one may be"
            )
            switch message.role {
            case .user: expect(before?.role != .user, "two questions without an answer")
            case .assistant:
                let hasCall = index + 1 < messages.count && messages[index + 1].role == .tool
                expect(before?.role != .assistant, "two answers without a question")
                expect(hasCall || !message.content.isEmpty, "\(message.messageID) is an empty answer")
                calls = []
            case .tool:
                expect(before?.role == .assistant || before?.role == .tool, "a result without an answer that calls")
                expect(before?.step == message.step, "a result of step \(message.step) stands in another step")
                expect(calls.insert(message.toolCallID?.text ?? "").inserted, "a call has two results")
                expect(message.toolCallID != nil && message.toolName != nil, "a result without its call")
            case .system: expect(false, "a system message that nobody wrote")
            }
        }
        return problems
    }
}
