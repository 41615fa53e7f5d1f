import CLinux
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Runs Swift concurrency's jobs, and closures posted by other threads, on the loop thread between its turns.
///
/// `@unchecked Sendable` is safe: what other threads touch is behind the mutexes and the atomic, and the eventfd is
/// written by anyone and never changes.
public final class LoopExecutor: SerialExecutor, @unchecked Sendable {
    private let jobs = Mutex<[UnownedJob]>([])
    private let letters = Mutex<[@LoopActor () -> Void]>([])
    private let thread = Atomic<UInt>(0)

    /// Readable as soon as another thread has left something; the loop has it on epoll.
    let wakeDescriptor: Int32 = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))

    func bindToCurrentThread() { thread.store(UInt(pthread_self()), ordering: .releasing) }

    @inline(__always) var isOnLoop: Bool { thread.load(ordering: .acquiring) == UInt(pthread_self()) }

    /// Takes a job of an isolated task; called by the language's run time from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { wake() }
    }

    /// Leaves a closure to be run on the loop in order of arrival.
    func post(_ letter: @escaping @LoopActor () -> Void) {
        let isFirst = letters.withLock { letters in
            letters.append(letter)
            return letters.count == 1
        }
        if isFirst { wake() }
    }

    /// Makes `assumeIsolated` and its relatives right on the bare loop thread, where no job is running.
    public func checkIsolated() { precondition(isOnLoop, "not on the loop thread") }

    /// Whether the calling thread is the loop.
    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    /// Runs what has arrived; true when something had.
    @LoopActor func drain() -> Bool {
        let arrived = jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in arrived { job.runSynchronously(on: asUnownedSerialExecutor()) }
        let posted = letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
        for letter in posted { letter() }
        return !arrived.isEmpty || !posted.isEmpty
    }

    private func wake() {
        // On the loop itself the arrival is seen before the next wait. A full counter cannot happen: it is a 64-bit
        // count that every wake-up clears.
        if !isOnLoop { eventfd_write(wakeDescriptor, 1) }
    }
}
