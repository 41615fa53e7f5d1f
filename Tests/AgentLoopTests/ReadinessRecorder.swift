import AgentLoop

/// Writes down what the loop says of a descriptor.
@LoopActor final class ReadinessRecorder: ReadinessHandler {
    private(set) var events: [Readiness] = []
    private let reaction: (Readiness) -> Void

    init(_ reaction: @escaping (Readiness) -> Void = { _ in }) { self.reaction = reaction }

    func ready(_ readiness: Readiness) {
        events.append(readiness)
        reaction(readiness)
    }
}
