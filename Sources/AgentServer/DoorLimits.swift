public import AgentProtocol

/// What all clients together may take of the daemon.
public struct DoorLimits: Sendable {
    /// Clients at once.
    public var connections: Int
    /// Bytes that wait to be read by all clients together.
    public var outboxTotal: Int
    /// Bytes of lines that have not ended, of all clients together; and as much again for commands that have no answer.
    public var inboundTotal: Int
    /// How long a reader may take no byte before it is detached from its streams.
    public var stall: Duration

    /// The limits of the protocol, unless something else is said.
    public init(
        connections: Int = Limits.connections, outboxTotal: Int = Limits.outboxTotal,
        inboundTotal: Int = Limits.inboundTotal, stall: Duration = .seconds(Limits.outboxStallSeconds)
    ) {
        self.connections = connections
        self.outboxTotal = outboxTotal
        self.inboundTotal = inboundTotal
        self.stall = stall
    }

    /// Descriptors for the house itself: ledger, readers, loop, log.
    private static let houseDescriptors = 32

    /// As many clients as leave, of so many descriptors, one for each client's model, and what the house needs.
    public func fitting(descriptors: Int) -> DoorLimits {
        var fitting = self
        fitting.connections = min(connections, max(1, (descriptors - Self.houseDescriptors) / 2))
        return fitting
    }
}
