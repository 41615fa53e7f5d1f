#if canImport(Glibc)
import Glibc
#endif

/// The thread that the loop runs on.
public final class LoopThread: Sendable {
    private let thread: NativeThread

    /// Starts the thread, runs `setUp` on it and then turns until the loop is stopped.
    public init(_ setUp: @escaping @LoopActor () -> Void) {
        thread = NativeThread(name: "agentd-loop") {
            LoopActor.executor.bindToCurrentThread()
            EventLoop.post(setUp)
            runLoop()
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
