import AgentEngine
import AgentLoop

/// Ends the turns of every engine that a test has open; the loop's own list of steps cannot be shortened again.
@LoopActor enum TurnEnds {
    private static var engines: [ObjectIdentifier: Engine] = [:]
    private static let hook = EventLoop.shared.atTurnEnd {
        var hasWork = false
        for engine in engines.values where engine.endTurn() { hasWork = true }
        return hasWork
    }

    static func add(_ engine: Engine) {
        _ = hook
        engines[ObjectIdentifier(engine)] = engine
    }

    static func remove(_ engine: Engine) { engines[ObjectIdentifier(engine)] = nil }
}
