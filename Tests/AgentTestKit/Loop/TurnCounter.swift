public import AgentLoop

/// Counts the ends of turns. Its hook lives as long as the loop, so there is one for all tests.
@LoopActor public final class TurnCounter {
    /// The one there is.
    public static let shared = TurnCounter()

    /// How many turns have ended.
    public private(set) var turns = 0

    private init() {
        EventLoop.shared.atTurnEnd { [unowned self] in
            turns += 1
            return false
        }
    }
}
