import AgentTestKit

/// What a request is doing when the stop comes.
enum StopPhase: String, CaseIterable, Sendable {
    case resolving, connecting, handshake, firstByte, streaming

    /// Whether there is a server that has seen a connection.
    var hasConnection: Bool { self != .resolving && self != .connecting }
}
