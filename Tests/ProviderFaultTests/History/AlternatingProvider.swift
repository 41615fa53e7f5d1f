import AgentEngine
import AgentLoop
import AgentTestKit

/// Asks another provider in each run: a conversation that was begun with one is continued with the other.
@LoopActor final class AlternatingProvider {
    private let providers: [any ModelProvider]
    /// Which one is asked.
    var place = 0

    init(_ providers: [any ModelProvider]) { self.providers = providers }
}

extension AlternatingProvider: @LoopActor ModelProvider {
    func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        providers[place % providers.count].open(request, for: receiver)
    }
}
