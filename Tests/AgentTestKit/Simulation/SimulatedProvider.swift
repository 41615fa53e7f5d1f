public import AgentEngine
public import AgentProtocol

/// A provider that says what the test says.
public final class SimulatedProvider: ModelProvider {
    /// Every request, in the order in which it was made.
    public private(set) var calls: [SimulatedCall] = []
    private let violations: Violations

    /// A provider that has not been asked yet.
    public init(violations: Violations = Violations()) { self.violations = violations }

    /// Requests that wait for more.
    public var openCalls: [SimulatedCall] { calls.filter { $0.state == .open } }

    /// The requests of one run.
    public func calls(of run: RunID) -> [SimulatedCall] { calls.filter { $0.runID == run } }

    /// The last request; traps when there is none.
    public var lastCall: SimulatedCall { calls[calls.count - 1] }

    /// Takes a request.
    public func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        for problem in RequestShape.problems(of: request) { violations.expect(false, problem) }
        let call = SimulatedCall(request, receiver, violations)
        let isAlone = !calls.contains { $0.state == .open && $0.runID == call.runID }
        violations.expect(isAlone, "\(call.runID) asks while it is being answered")
        calls.append(call)
        return call
    }

    /// The process that asked is gone.
    public func crash() { for call in calls { call.crash() } }
}
