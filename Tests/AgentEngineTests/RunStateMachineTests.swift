import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct RunStateMachineTests {
    private typealias Action = RunStateMachine.Action
    private var machine = RunStateMachine(maxSteps: 3, retry: RetryPolicy(maxAttempts: 3))
    private let call = ToolCall(id: ToolCallID(trusted: "c1"), name: "search", arguments: [:])
    private let failure = ErrorRecord(.modelUnavailable, "the line is dead")

    private func failed(_ code: ErrorCode, _ message: String) -> Action { .finish(.failed(ErrorRecord(code, message))) }

    /// Every input that ends a run from outside, with the terminal that it gives.
    private static let endings: [(@Sendable (inout RunStateMachine) -> [Action], Action)] = [
        ({ $0.stopRequested(.stop, message: "enough") }, .finish(.cancelled(.stop, message: "enough"))),
        ({ $0.stopRequested(.disconnect, message: nil) }, .finish(.cancelled(.disconnect, message: nil))),
        (
            { $0.timeExpired() },
            .finish(.failed(ErrorRecord(.limitTime, "the run's time limit has passed")))
        ),
        ({ $0.shutDown() }, .finish(.failed(ErrorRecord(.shutdown, "the daemon was shut down")))),
    ]

    /// Every input that a machine knows.
    private func every(_ machine: inout RunStateMachine) -> [Action] {
        machine.accepted() + machine.toolCalled(call) + machine.modelEnded(.stop, providerReason: nil)
            + machine.modelFailed(failure, retry: .never, random: 0) + Self.endings.flatMap { $0.0(&machine) }
    }

    // MARK: Accepting

    @Test mutating func asksTheModelOnceItIsAccepted() {
        #expect(!machine.isAnswering && !machine.isFinished)
        #expect(machine.accepted() == [.openRequest(step: 1)])
        #expect(machine.isAnswering && !machine.isFinished)
    }

    @Test mutating func ignoresAModelThatWasNotAsked() {
        #expect(machine.toolCalled(call) == [])
        #expect(machine.modelEnded(.stop, providerReason: nil) == [])
        #expect(machine.accepted() == [.openRequest(step: 1)])
    }

    @Test(arguments: endings.indices) func endsBeforeItIsAcceptedWithoutAnAbort(_ index: Int) {
        var machine = machine
        let (input, terminal) = Self.endings[index]
        #expect(input(&machine) == [terminal])
        #expect(machine.isFinished)
        #expect(every(&machine) == [])
    }

    @Test mutating func aFailureBeforeItIsAcceptedEndsIt() {
        #expect(machine.modelFailed(failure, retry: .never, random: 0) == [.finish(.failed(failure))])
        #expect(every(&machine) == [])
    }

    // MARK: Answering

    @Test mutating func isAcceptedOnce() {
        #expect(machine.accepted() == [.openRequest(step: 1)])
        #expect(machine.accepted() == [])
    }

    @Test(arguments: StopReason.allCases) func endsAsItsModelEnds(_ reason: StopReason) {
        var machine = machine
        _ = machine.accepted()
        #expect(
            machine.modelEnded(reason, providerReason: "end_turn")
                == [.finish(.completed(reason, providerReason: "end_turn"))])
        #expect(!machine.isAnswering && machine.isFinished)
        #expect(every(&machine) == [])
    }

    @Test mutating func failsAsItsModelFailsWithoutAnAbort() {
        _ = machine.accepted()
        #expect(machine.modelFailed(failure, retry: .never, random: 0) == [.finish(.failed(failure))])
        #expect(every(&machine) == [])
    }

    @Test(arguments: endings.indices) func abortsBeforeItEnds(_ index: Int) {
        var machine = machine
        _ = machine.accepted()
        let (input, terminal) = Self.endings[index]
        #expect(input(&machine) == [.abortRequest, terminal])
        #expect(machine.isFinished)
        #expect(every(&machine) == [])
    }

    @Test mutating func asksAgainAfterAStepWithCalls() {
        _ = machine.accepted()
        #expect(machine.toolCalled(call) == [.refuse(call)])
        #expect(machine.toolCalled(call) == [.refuse(call)])
        #expect(machine.modelEnded(.other, providerReason: nil) == [.closeStep, .openRequest(step: 2)])
        #expect(machine.isAnswering)
        // The calls of one step do not count in the next.
        #expect(
            machine.modelEnded(.stop, providerReason: nil) == [.finish(.completed(.stop, providerReason: nil))])
    }

    @Test(arguments: endings.indices) func abortsInALaterStep(_ index: Int) {
        var machine = machine
        _ = machine.accepted()
        _ = machine.toolCalled(call)
        _ = machine.modelEnded(.stop, providerReason: nil)
        _ = machine.toolCalled(call)
        let (input, terminal) = Self.endings[index]
        #expect(input(&machine) == [.abortRequest, terminal])
        #expect(every(&machine) == [])
    }

    @Test mutating func asksAsOftenAsItMayAndNoMore() {
        _ = machine.accepted()
        for step in 2...3 {
            _ = machine.toolCalled(call)
            #expect(machine.modelEnded(.stop, providerReason: nil) == [.closeStep, .openRequest(step: step)])
        }
        _ = machine.toolCalled(call)
        #expect(
            machine.modelEnded(.stop, providerReason: nil)
                == [.closeStep, failed(.limitSteps, "the model was asked 3 times and still made calls")])
        #expect(every(&machine) == [])
    }

    @Test mutating func theLastStepMayEndInWords() {
        machine = RunStateMachine(maxSteps: 1, retry: RetryPolicy(maxAttempts: 1))
        _ = machine.accepted()
        #expect(
            machine.modelEnded(.stop, providerReason: nil) == [.finish(.completed(.stop, providerReason: nil))])
    }

    @Test mutating func endsAModelThatCallsWithoutEnd() {
        _ = machine.accepted()
        for _ in 0..<RunStateMachine.maxCallsPerStep { #expect(machine.toolCalled(call) == [.refuse(call)]) }
        #expect(
            machine.toolCalled(call)
                == [
                    .refuse(call), .abortRequest,
                    failed(.limitToolCalls, "the model made more than 128 calls in one step"),
                ])
        #expect(every(&machine) == [])
    }
}
