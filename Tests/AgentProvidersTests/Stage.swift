import AgentEngine
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentTestKit

/// A provider with one script, and what it takes to ask it.
@LoopActor struct Stage {
    private let provider: ScriptProvider
    /// The conversation that requests carry.
    var messages: [Message] = []

    init(_ script: String) throws {
        var library = try ScriptLibrary()
        try library.add("play", Array(script.utf8))
        provider = ScriptProvider(library)
    }

    /// Opens a request; the call must be held for as long as it plays.
    func open(step: Int = 1, model: String = "play", for receiver: RecordingReceiver) -> any ModelCall {
        provider.open(
            ModelRequest(model: model, instructions: nil, messages: messages, step: step), for: receiver)
    }

    /// Plays a request to its end; nil when the end does not come.
    func play(step: Int = 1, model: String = "play") async -> RecordingReceiver? {
        let receiver = RecordingReceiver()
        let call = open(step: step, model: model, for: receiver)
        guard await eventually({ receiver.isOver }) else { return nil }
        withExtendedLifetime(call) {}
        return receiver
    }

    mutating func add(_ role: Role, _ content: String) {
        let place = Int64(messages.count + 1)
        messages.append(
            Message(
                messageID: MessageID(trusted: "m\(place)"), runID: RunID(trusted: "r1"), step: 0, position: place,
                role: role, content: content, createdAt: Timestamp(milliseconds: place), completedAt: nil))
    }
}
