import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A thread beside the loop for work that may wait for the disk: jobs run one after another, in order.
///
/// The thread ends with `close`, or when nobody holds the worker any more.
public final class WorkerThread: Sendable {
    private let jobs = JobQueue()
    private let thread: NativeThread

    /// Starts a thread of this name (at most 15 bytes).
    public init(name: String) {
        // The thread holds the jobs and not the worker, which could otherwise never be let go of.
        let jobs = self.jobs
        thread = NativeThread(name: name) { jobs.work() }
    }

    deinit { close() }

    /// Hands a job over; it is dropped when the thread has been closed.
    public func submit(_ job: @escaping @Sendable () -> Void) { jobs.append(job) }

    /// Finishes what has been submitted, ends the thread and waits for it.
    public func close() {
        jobs.close()
        thread.join()
    }
}

/// What a worker has to do.
///
/// `@unchecked Sendable` is safe: the list is behind a mutex, and the semaphore is made for sharing.
private final class JobQueue: @unchecked Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func append(_ job: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            return true
        }
        if isOpen { sem_post(semaphore) }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        sem_post(semaphore)
    }

    /// Does what comes until the queue is closed and empty.
    func work() {
        while true {
            while sem_wait(semaphore) != 0 {}
            let (jobs, isClosed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isClosed)
            }
            for job in jobs { job() }
            if isClosed { return }
        }
    }
}
