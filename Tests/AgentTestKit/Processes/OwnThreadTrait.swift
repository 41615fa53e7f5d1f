import Glibc
public import Testing

/// Runs each test of a suite on a thread of its own.
///
/// A test that waits for a process blocks its thread; on the shared threads of Swift's concurrency it would hold up every
/// other test.
public struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    /// Holds for every test in the suite.
    public var isRecursive: Bool { true }

    /// Runs a test.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(ThreadPerJob()) { try await function() }
    }
}

extension Trait where Self == OwnThreadTrait {
    /// Each test runs on a thread of its own.
    public static var ownThread: OwnThreadTrait { OwnThreadTrait() }
}

/// Runs each piece of a task on a new thread.
private final class ThreadPerJob: TaskExecutor {
    private final class Work {
        let job: UnownedJob
        let executor: ThreadPerJob

        init(_ job: UnownedJob, _ executor: ThreadPerJob) {
            self.job = job
            self.executor = executor
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let work = Unmanaged.passRetained(Work(UnownedJob(job), self))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
                work.job.runSynchronously(on: work.executor.asUnownedTaskExecutor())
                return nil
            }, work.toOpaque())
        precondition(code == 0, "no thread")
        pthread_detach(thread)
    }
}
