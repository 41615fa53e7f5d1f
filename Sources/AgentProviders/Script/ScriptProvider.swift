public import AgentEngine
public import AgentLoop
import AgentProtocol

/// A model that plays a script: it produces what a real provider's decoder produces, so that all behind it is real.
@LoopActor public final class ScriptProvider {
    private let library: ScriptLibrary

    /// A provider whose models are the library's scripts.
    public init(_ library: ScriptLibrary) { self.library = library }
}

extension ScriptProvider: @LoopActor ModelProvider {
    /// Begins to play; the first step comes with the next turns of the loop.
    public func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        let steps =
            library[request.model]?.steps(forRequest: request.step)
            ?? [.fail(ErrorRecord(.modelBadRequest, "there is no script named \(request.model)"))]
        return ScriptCall(steps, request, receiver)
    }
}
