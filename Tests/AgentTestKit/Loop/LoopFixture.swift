import AgentLoop

/// The one loop of the test process. A suite starts it in its `init` and isolates its tests to `LoopActor`.
public enum LoopFixture {
    private static let thread = LoopThread {}

    /// Starts the loop if it does not run yet.
    public static func start() { _ = thread }
}

/// How long a test waits for what must come.
public let patience = Duration.seconds(60)

/// Waits, a turn of the loop at a time, until something is so; false when it is not after `patience`.
@LoopActor public func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + patience
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        await nextMillisecond()
    }
    return true
}

/// Comes back when a timer of the loop has fired: everything that was due before it has happened then.
@LoopActor public func afterMilliseconds(_ milliseconds: Int64) async {
    await withCheckedContinuation { continuation in
        LoopTimer { continuation.resume() }.arm(after: .milliseconds(milliseconds))
    }
}

/// Comes back when the loop's shortest timer has fired.
@LoopActor public func nextMillisecond() async { await afterMilliseconds(1) }
