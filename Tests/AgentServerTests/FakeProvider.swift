import AgentEngine
import AgentLoop
import AgentProtocol

/// A model that says what the test says.
@LoopActor final class FakeProvider {
    /// One request.
    @LoopActor final class Call: @LoopActor ModelCall {
        private let receiver: any ModelReceiver
        private(set) var isAborted = false

        fileprivate init(_ receiver: any ModelReceiver) { self.receiver = receiver }

        func say(_ text: String) {
            var escaped: [UInt8] = []
            JSONEscaping.append(text, to: &escaped)
            if !isAborted { escaped.withUnsafeBytes { receiver.modelSaid($0) } }
        }

        func end() { if !isAborted { receiver.modelEnded(.stop, providerReason: "stop") } }

        func abort() { isAborted = true }
    }

    private(set) var calls: [Call] = []
}

extension FakeProvider: @LoopActor ModelProvider {
    func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        let call = Call(receiver)
        calls.append(call)
        return call
    }
}
