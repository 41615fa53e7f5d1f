import CLinux
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A thread of the operating system that runs one closure and ends.
final class NativeThread: Sendable {
    private let handle: Mutex<pthread_t?>

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, threadEntry, start.toOpaque())
        precondition(code == 0, "no thread to be had: the process is out of resources at start")
        handle = Mutex(thread)
    }

    /// Waits for the end of the closure; a second call returns at once, and so does one by the closure itself.
    func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let thread else { return }
        if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func threadEntry(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<ThreadStart>.fromOpaque(context!).takeRetainedValue()
    agentd_name_thread(start.name)
    start.body()
    return nil
}
