public import AgentEngine
public import AgentProtocol

/// One model request under way, with the test as the model.
public final class SimulatedCall: ModelCall {
    /// Where the request stands.
    public enum State: Sendable { case open, ended, aborted, lost }

    /// What was asked.
    public let request: ModelRequest
    /// Where the request stands.
    public private(set) var state = State.open
    /// The last usage that was reported.
    public private(set) var reported: Usage?
    private var receiver: (any ModelReceiver)?
    private let violations: Violations
    private var calls = 0
    /// What the model said, in order; a tool call is the tool's name.
    private(set) var said: [Saying] = []

    init(_ request: ModelRequest, _ receiver: any ModelReceiver, _ violations: Violations) {
        self.request = request
        self.receiver = receiver
        self.violations = violations
    }

    /// The run that asks.
    public var runID: RunID { request.messages[request.messages.count - 1].runID }

    /// Ends the request, as the engine does.
    public func abort() {
        violations.expect(state == .open, "a request of \(runID) is aborted and not open")
        state = .aborted
        receiver = nil
    }

    private var open: any ModelReceiver {
        guard let receiver else { preconditionFailure("the test speaks for a model whose request is \(state)") }
        return receiver
    }

    private func end() -> any ModelReceiver {
        let receiver = open
        state = .ended
        self.receiver = nil
        return receiver
    }

    func crash() {
        if state == .open { state = .lost }
        receiver = nil
    }

    /// Says a piece of the answer.
    public func say(_ text: String) {
        said.add(.runContent, text)
        Self.escaped(text).withUnsafeBytes(open.modelSaid)
    }

    /// Says a piece of the reasoning.
    public func think(_ text: String) {
        said.add(.reasoningContent, text)
        Self.escaped(text).withUnsafeBytes(open.modelThought)
    }

    /// Makes a tool call; without a name of its own it gets one.
    public func call(_ tool: String, id: String? = nil, arguments: JSONObject? = [:]) {
        calls += 1
        said.add(.toolCallStarted, tool)
        let id = ToolCallID(trusted: id ?? "call_\(request.step)_\(calls)")
        open.modelCalled(ToolCall(id: id, name: tool, arguments: arguments))
    }

    /// Reports the usage so far.
    public func report(_ usage: Usage) {
        let receiver = open
        reported = usage
        receiver.modelReported(usage)
    }

    /// Ends the answer.
    public func end(_ reason: StopReason = .stop, providerReason: String? = nil) {
        end().modelEnded(reason, providerReason: providerReason)
    }

    /// Fails the request; without advice it may not be made again.
    public func fail(
        _ code: ErrorCode = .modelUnavailable, _ message: String = "the line is dead", retry: RetryAdvice = .never
    ) {
        end().modelFailed(ErrorRecord(code, message), retry: retry)
    }

    /// Gives something that must go back with this step.
    public func keep(_ data: String) { receiver?.modelKept(Array(data.utf8)) }

    private static func escaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONEscaping.append(text, to: &bytes)
        return bytes
    }
}
