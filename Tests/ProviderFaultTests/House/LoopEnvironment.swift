import AgentEngine
import AgentLoop
import AgentProtocol

/// The engine's clock, names and deadlines from the real loop; no luck in its pauses.
@LoopActor final class LoopEnvironment {
    private static var names = 0
}

extension LoopEnvironment: @LoopActor Environment {
    func now() -> Timestamp { Timestamp(milliseconds: EventLoop.shared.epochMilliseconds) }

    func makeName() -> String {
        Self.names += 1
        let digits = String(Self.names)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }

    func random() -> Double { 0 }

    func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer { PlainTimer(body) }
}

/// A deadline on the loop.
@LoopActor private final class PlainTimer {
    private let timer: LoopTimer

    init(_ body: @escaping () -> Void) { timer = LoopTimer(body) }
}

extension PlainTimer: @LoopActor EngineTimer {
    func arm(after delay: Duration) { timer.arm(after: delay) }

    func cancel() { timer.cancel() }
}
