import AgentEngine
import AgentLoop
import AgentProtocol

/// Writes down what a model says, without an engine.
@LoopActor final class AnswerRecorder {
    private(set) var text = ""
    private(set) var calls: [ToolCall] = []
    private(set) var end: StopReason?
    private(set) var failure: ErrorRecord?
    private(set) var advice: RetryAdvice?

    var isOver: Bool { end != nil || failure != nil }

    /// A request with one question.
    static func request(_ question: String) -> ModelRequest {
        let now = Timestamp(milliseconds: 1)
        let message = Message(
            messageID: MessageID(trusted: "m1"), runID: RunID(trusted: "r1"), step: 0, position: 1, role: .user,
            content: question, createdAt: now, completedAt: now)
        return ModelRequest(model: "test-model", instructions: nil, messages: [message], step: 1)
    }
}

extension AnswerRecorder: @LoopActor ModelReceiver {
    func modelSaid(_ escaped: UnsafeRawBufferPointer) { text += JSONEscaping.unescape(escaped) }
    func modelThought(_ escaped: UnsafeRawBufferPointer) {}
    func modelCalled(_ call: ToolCall) { calls.append(call) }
    func modelReported(_ usage: Usage) {}
    func modelKept(_ data: [UInt8]) {}
    func modelEnded(_ reason: StopReason, providerReason: String?) { end = reason }
    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice) { (failure, advice) = (error, retry) }
}
