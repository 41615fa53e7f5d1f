import AgentEngine
import AgentLoop
import AgentProtocol

/// Counts what another provider's model says in each turn of the loop.
@LoopActor final class CountingProvider {
    private let provider: any ModelProvider
    /// The most bytes of text in one turn.
    private(set) var mostInTurn = 0
    private var turn: UInt64 = 0
    private var inTurn = 0

    init(_ provider: any ModelProvider) { self.provider = provider }

    fileprivate func count(_ bytes: Int) {
        if turn != EventLoop.shared.turn { (turn, inTurn) = (EventLoop.shared.turn, 0) }
        inTurn += bytes
        mostInTurn = max(mostInTurn, inTurn)
    }
}

extension CountingProvider: @LoopActor ModelProvider {
    func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        provider.open(request, for: CountingReceiver(receiver, self))
    }
}

/// Hands everything on.
@LoopActor private final class CountingReceiver {
    private let receiver: any ModelReceiver
    private let counter: CountingProvider

    init(_ receiver: any ModelReceiver, _ counter: CountingProvider) {
        self.receiver = receiver
        self.counter = counter
    }
}

extension CountingReceiver: @LoopActor ModelReceiver {
    func modelSaid(_ escaped: UnsafeRawBufferPointer) {
        counter.count(escaped.count)
        receiver.modelSaid(escaped)
    }
    func modelThought(_ escaped: UnsafeRawBufferPointer) { receiver.modelThought(escaped) }
    func modelCalled(_ call: ToolCall) { receiver.modelCalled(call) }
    func modelReported(_ usage: Usage) { receiver.modelReported(usage) }
    func modelKept(_ data: [UInt8]) { receiver.modelKept(data) }
    func modelEnded(_ reason: StopReason, providerReason: String?) {
        receiver.modelEnded(reason, providerReason: providerReason)
    }
    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice) { receiver.modelFailed(error, retry: retry) }
}
