/// The moment at which waiting for a condition becomes a failure.
public struct Deadline: Sendable {
    private let instant: ContinuousClock.Instant

    /// A deadline so long from now.
    public init(in duration: Duration) { instant = .now.advanced(by: duration) }

    /// Whether the moment is over.
    public var hasPassed: Bool { .now >= instant }

    /// What is left, for `poll(2)`: milliseconds, rounded up, so that a poll never spins before the deadline.
    public var pollTimeout: Int32 {
        let rest = instant - .now
        guard rest > .zero else { return 0 }
        let (seconds, attoseconds) = rest.components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
