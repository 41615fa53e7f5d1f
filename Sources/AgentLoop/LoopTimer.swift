/// A deadline on the loop, made once and armed as often as needed without allocating.
///
/// Deadlines have the resolution of a millisecond and are rounded up, so that what is due together wakes the loop once.
@LoopActor public final class LoopTimer {
    private let body: () -> Void
    var slot: Int32 = -1

    /// A timer that runs a closure on the loop; it is not armed yet.
    public init(_ body: @escaping () -> Void) { self.body = body }

    /// Whether it is going to fire.
    public var isArmed: Bool { slot >= 0 }

    /// Arms, or arms anew, to fire once after at least this long, counted from the call and not from the beginning of the
    /// turn. An armed timer is kept alive by the loop.
    public func arm(after delay: Duration) {
        let parts = delay.components
        let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        arm(at: EventLoop.shared.clock + max(0, nanoseconds))
    }

    /// Arms, or arms anew, to fire once at a moment of the loop's monotonic clock, in nanoseconds.
    public func arm(at deadline: Int64) { EventLoop.shared.arm(self, at: deadline) }

    /// Disarms; nothing happens when it is not armed.
    public func cancel() { EventLoop.shared.disarm(self) }

    func fire() { body() }
}
