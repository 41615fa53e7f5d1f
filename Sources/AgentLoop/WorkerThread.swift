import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A thread beside the loop for work that may wait for the disk: jobs run one after another, in order.
///
/// `@unchecked Sendable` is safe: the queue is behind a mutex, the semaphore is made for sharing, and the rest is set once.
public final class WorkerThread: @unchecked Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    private let semaphore: UnsafeMutablePointer<sem_t>
    private var thread: NativeThread?

    /// Starts a thread of this name (at most 15 bytes).
    public init(name: String) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
        thread = NativeThread(name: name) { [unowned self] in work() }
    }

    deinit {
        close()
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Hands a job over; it is dropped when the thread has been closed.
    public func submit(_ job: @escaping @Sendable () -> Void) {
        let isOpen = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            queue.jobs.append(job)
            return true
        }
        if isOpen { sem_post(semaphore) }
    }

    /// Finishes what has been submitted, ends the thread and waits for it.
    public func close() {
        queue.withLock { $0.isClosed = true }
        sem_post(semaphore)
        thread?.join()
    }

    private func work() {
        while true {
            while sem_wait(semaphore) != 0 {}
            let (jobs, isClosed) = queue.withLock { queue in
                defer { queue.jobs = [] }
                return (queue.jobs, queue.isClosed)
            }
            for job in jobs { job() }
            if isClosed { return }
        }
    }
}
