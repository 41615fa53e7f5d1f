public import AgentEngine

/// A deadline that fires when the test moves the clock past it.
public final class ManualTimer: EngineTimer {
    private unowned let environment: ManualEnvironment
    private let body: () -> Void

    init(_ environment: ManualEnvironment, body: @escaping () -> Void) {
        self.environment = environment
        self.body = body
    }

    /// Arms, or arms anew, to fire once.
    public func arm(after delay: Duration) { environment.arm(self, after: delay) }

    /// Disarms.
    public func cancel() { environment.disarm(self) }

    func fire() { body() }
}
