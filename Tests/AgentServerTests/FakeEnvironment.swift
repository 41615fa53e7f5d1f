import AgentEngine
import AgentLoop
import AgentProtocol

/// Names that count, and the loop's own clock and timers.
@LoopActor final class FakeEnvironment {
    private var names = 0

    @LoopActor private final class Timer: @LoopActor EngineTimer {
        private let timer: LoopTimer

        init(_ body: @escaping () -> Void) { timer = LoopTimer(body) }

        func arm(after delay: Duration) { timer.arm(after: delay) }

        func cancel() { timer.cancel() }
    }
}

extension FakeEnvironment: @LoopActor Environment {
    func now() -> Timestamp { Timestamp(milliseconds: EventLoop.shared.epochMilliseconds) }

    func random() -> Double { 0 }

    func makeName() -> String {
        names += 1
        return "n\(names)"
    }

    func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer { Timer(body) }
}
