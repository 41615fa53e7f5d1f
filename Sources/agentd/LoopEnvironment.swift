public import AgentEngine
public import AgentLoop
import AgentProtocol

/// The engine's clock, names and deadlines, from the loop it lives on.
@LoopActor final class LoopEnvironment {
    private var names = NameMaker()
}

extension LoopEnvironment: @LoopActor Environment {
    func now() -> Timestamp { Timestamp(milliseconds: EventLoop.shared.epochMilliseconds) }

    func makeName() -> String { names.next(at: EventLoop.shared.epochMilliseconds) }

    func random() -> Double { Double.random(in: 0..<1) }

    func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer { LoopTimer(body) }
}

extension LoopTimer: @LoopActor EngineTimer {}
