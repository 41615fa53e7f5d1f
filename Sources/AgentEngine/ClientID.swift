/// Names one connection for as long as the daemon runs.
public struct ClientID: Hashable, Sendable {
    /// The connection's number; never used twice.
    public let number: UInt64

    /// A client by its connection's number.
    public init(_ number: UInt64) { self.number = number }
}
