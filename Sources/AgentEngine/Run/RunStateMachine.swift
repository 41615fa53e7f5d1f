import AgentProtocol

/// Decides what a run does next. Inputs in, actions out: no clock, no I/O.
///
/// The first input that ends the run wins; everything after it is ignored.
struct RunStateMachine {
    /// What is to be done.
    enum Action: Equatable {
        /// Ask the model; counts from 1.
        case openRequest(step: Int)
        /// Close the provider's transfer now.
        case abortRequest
        /// Close the step: its message is whole.
        case closeStep
        /// Record a call that nobody can execute, with its result.
        case refuse(ToolCall)
        /// Write the terminal event.
        case finish(RunOutcome)
    }

    private enum State: Equatable {
        /// Not yet committed.
        case accepting
        /// A model request is under way.
        case answering(step: Int, calls: Int)
        /// The terminal is decided.
        case finished
    }

    private var state = State.accepting
    private let maxSteps: Int

    /// Calls that one step may make; more is a model out of its mind.
    static let maxCallsPerStep = 128

    /// A run that may ask its model so many times.
    init(maxSteps: Int) { self.maxSteps = maxSteps }

    /// Whether the terminal is decided.
    var isFinished: Bool { state == .finished }

    /// Whether a piece of the answer still counts.
    var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    /// The acceptance is committed.
    mutating func accepted() -> [Action] {
        guard state == .accepting else { return [] }
        state = .answering(step: 1, calls: 0)
        return [.openRequest(step: 1)]
    }

    /// The model made a whole call.
    mutating func toolCalled(_ call: ToolCall) -> [Action] {
        guard case .answering(let step, let calls) = state else { return [] }
        guard calls < Self.maxCallsPerStep else {
            return fail(.limitToolCalls, "the model made more than \(Self.maxCallsPerStep) calls in one step")
        }
        state = .answering(step: step, calls: calls + 1)
        // No tool can act yet: each call gets the result that says so.
        return [.refuse(call)]
    }

    /// The model ended its answer.
    mutating func modelEnded(_ reason: StopReason, providerReason: String?) -> [Action] {
        guard case .answering(let step, let calls) = state else { return [] }
        guard calls > 0 else {
            state = .finished
            return [.finish(.completed(reason, providerReason: providerReason))]
        }
        guard step < maxSteps else {
            state = .finished
            return [
                .closeStep,
                .finish(
                    .failed(ErrorRecord(.limitSteps, "the model was asked \(maxSteps) times and still made calls"))),
            ]
        }
        state = .answering(step: step + 1, calls: 0)
        return [.closeStep, .openRequest(step: step + 1)]
    }

    /// The model request failed.
    mutating func modelFailed(_ error: ErrorRecord) -> [Action] { end(.failed(error), abort: false) }

    /// Somebody wants the run to end.
    mutating func stopRequested(_ reason: CancelReason, message: String?) -> [Action] {
        end(.cancelled(reason, message: message), abort: true)
    }

    /// The run's time is over.
    mutating func timeExpired() -> [Action] { fail(.limitTime, "the run's time limit has passed") }

    /// The daemon is going down.
    mutating func shutDown() -> [Action] { fail(.shutdown, "the daemon was shut down") }

    private mutating func fail(_ code: ErrorCode, _ message: String) -> [Action] {
        end(.failed(ErrorRecord(code, message)), abort: true)
    }

    private mutating func end(_ outcome: RunOutcome, abort: Bool) -> [Action] {
        switch state {
        case .finished: return []
        case .accepting:
            state = .finished
            return [.finish(outcome)]
        case .answering:
            state = .finished
            return (abort ? [.abortRequest] : []) + [.finish(outcome)]
        }
    }
}
