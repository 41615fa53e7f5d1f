import Synchronization

/// The thread that the loop runs on.
public final class LoopThread: Sendable {
    /// The thread that is the loop at this moment. Two on one epoll set and the same timers would race.
    private static let running = Mutex<NativeThread?>(nil)

    private let thread: NativeThread

    /// Starts the thread, runs `setUp` on it and then turns until the loop is stopped. Where the loop runs already, no
    /// second thread is started, and `setUp` runs on the first.
    public init(_ setUp: @escaping @LoopActor () -> Void) {
        EventLoop.post(setUp)
        thread = Self.running.withLock { running in
            if let running { return running }
            let started = NativeThread(name: "agentd-loop") {
                LoopActor.executor.bindToCurrentThread()
                runLoop()
                Self.running.withLock { $0 = nil }
            }
            running = started
            return started
        }
    }

    /// Waits until the loop has been stopped.
    public func join() { thread.join() }
}

/// A nonisolated function on the loop thread: a closure would inherit the isolation of the place that wrote it.
private func runLoop() {
    let context = LoopEntry()
    LoopActor.enter(Unmanaged.passUnretained(context).toOpaque(), ()) { (_: LoopEntry, _: Void) in
        EventLoop.shared.run()
    }
    withExtendedLifetime(context) {}
}

/// Something to come through the door with; the loop itself is made on the other side.
private final class LoopEntry {}
