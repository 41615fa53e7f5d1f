import AgentProtocol

/// Decides what a run does next. Inputs in, actions out: no clock, no I/O.
///
/// The first input that ends the run wins; everything after it is ignored.
struct RunStateMachine {
    /// What is to be done.
    enum Action: Equatable {
        /// Ask the model; counts from 1.
        case openRequest(step: Int)
        /// Say that the request is made again, and wait before it is.
        case retry(attempt: Int, pause: Duration, ErrorRecord)
        /// Close the provider's transfer, or end the wait for the next one, now.
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
        case answering(Request)
        /// A model request has failed and is going to be made again.
        case waiting(Request)
        /// The terminal is decided.
        case finished
    }

    /// A model request, and what has come of it.
    private struct Request: Equatable {
        /// Counts the answers from 1.
        var step: Int
        /// Counts the attempts at this answer from 1.
        var attempt = 1
        /// Calls made so far.
        var calls = 0
        /// Whether anything has come that a client may have seen.
        var hasSaid = false
    }

    private var state = State.accepting
    private let maxSteps: Int
    private let retry: RetryPolicy

    /// Calls that one step may make; more is a model out of its mind.
    static let maxCallsPerStep = 128

    /// A run that may ask its model so many times, and each time so often.
    init(maxSteps: Int, retry: RetryPolicy) {
        self.maxSteps = maxSteps
        self.retry = retry
    }

    /// Whether the terminal is decided.
    var isFinished: Bool { state == .finished }

    /// Whether a piece of the answer still counts.
    var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    /// The acceptance is committed.
    mutating func accepted() -> [Action] {
        guard state == .accepting else { return [] }
        state = .answering(Request(step: 1))
        return [.openRequest(step: 1)]
    }

    /// The model said something; false when it does not count any more.
    mutating func said() -> Bool {
        guard case .answering(var request) = state else { return false }
        if !request.hasSaid {
            request.hasSaid = true
            state = .answering(request)
        }
        return true
    }

    /// The answer has outgrown what one run may hold.
    mutating func outgrown(_ bytes: Int) -> [Action] {
        fail(.limitTokens, "the answer is longer than \(bytes) bytes")
    }

    /// The model made a whole call.
    mutating func toolCalled(_ call: ToolCall) -> [Action] {
        guard case .answering(var request) = state else { return [] }
        guard request.calls < Self.maxCallsPerStep else {
            // This call too has its beginning and its end, as every call that was made.
            return [.refuse(call)]
                + fail(.limitToolCalls, "the model made more than \(Self.maxCallsPerStep) calls in one step")
        }
        request.calls += 1
        request.hasSaid = true
        state = .answering(request)
        // No tool can act yet: each call gets the result that says so.
        return [.refuse(call)]
    }

    /// The model ended its answer.
    mutating func modelEnded(_ reason: StopReason, providerReason: String?) -> [Action] {
        guard case .answering(let request) = state else { return [] }
        guard request.calls > 0 else {
            state = .finished
            return [.finish(.completed(reason, providerReason: providerReason))]
        }
        guard request.step < maxSteps else {
            state = .finished
            return [
                .closeStep,
                .finish(
                    .failed(ErrorRecord(.limitSteps, "the model was asked \(maxSteps) times and still made calls"))),
            ]
        }
        let next = Request(step: request.step + 1)
        state = .answering(next)
        return [.closeStep, .openRequest(step: next.step)]
    }

    /// The model request failed. It is made again while nothing of its answer can have been seen; `random` is from 0 up
    /// to 1.
    mutating func modelFailed(_ error: ErrorRecord, retry advice: RetryAdvice, random: Double) -> [Action] {
        guard case .answering(let request) = state, !request.hasSaid,
            let pause = retry.pause(after: request.attempt, advice, random: random)
        else { return end(.failed(error), abort: false) }
        let next = Request(step: request.step, attempt: request.attempt + 1)
        state = .waiting(next)
        return [.retry(attempt: next.attempt, pause: pause, error)]
    }

    /// The pause before the next attempt is over.
    mutating func pauseEnded() -> [Action] {
        guard case .waiting(let request) = state else { return [] }
        state = .answering(request)
        return [.openRequest(step: request.step)]
    }

    /// Somebody wants the run to end.
    mutating func stopRequested(_ reason: CancelReason, message: String?) -> [Action] {
        end(.cancelled(reason, message: message), abort: true)
    }

    /// The run's time is over.
    mutating func timeExpired() -> [Action] { fail(.limitTime, "the run's time limit has passed") }

    /// What the run must know to begin cannot be had.
    mutating func beginningFailed(_ error: ErrorRecord) -> [Action] { end(.failed(error), abort: false) }

    /// The daemon is going down.
    mutating func shutDown() -> [Action] { fail(.shutdown, "the daemon was shut down") }

    /// There is no space for what the model would say.
    mutating func storageIsFull() -> [Action] { fail(.storageError, "the disk is full") }

    private mutating func fail(_ code: ErrorCode, _ message: String) -> [Action] {
        end(.failed(ErrorRecord(code, message)), abort: true)
    }

    private mutating func end(_ outcome: RunOutcome, abort: Bool) -> [Action] {
        switch state {
        case .finished: return []
        case .accepting:
            state = .finished
            return [.finish(outcome)]
        case .answering, .waiting:
            state = .finished
            return (abort ? [.abortRequest] : []) + [.finish(outcome)]
        }
    }
}
