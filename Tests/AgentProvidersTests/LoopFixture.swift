import AgentLoop

/// The one loop of the test process. A suite starts it in its `init` and isolates its tests to `LoopActor`.
enum LoopFixture {
    private static let thread = LoopThread {}

    static func start() { _ = thread }
}

/// Waits, a turn of the loop at a time, until something is so; false when it is not within a minute.
@LoopActor func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        await afterMilliseconds(1)
    }
    return true
}

/// Comes back when a timer of the loop has fired.
@LoopActor func afterMilliseconds(_ milliseconds: Int64) async {
    await withCheckedContinuation { continuation in
        LoopTimer { continuation.resume() }.arm(after: .milliseconds(milliseconds))
    }
}
