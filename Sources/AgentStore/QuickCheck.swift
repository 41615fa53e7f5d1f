internal import AgentLoop
internal import CSQLite
internal import Synchronization

/// Looks through the whole file once, on a thread and a connection of its own.
final class QuickCheck: Sendable {
    /// Virtual machine steps between two looks whether it is still wanted.
    private static let stepsPerLook: Int32 = 10_000

    private let worker = WorkerThread(name: "agentd-check")
    private let cancellation = Cancellation()

    /// Looks; calls back, on the thread, with how long it took or with what was found. A check that is cancelled says
    /// nothing.
    init(path: String, _ done: @escaping @Sendable (Result<Duration, StoreError>) -> Void) {
        worker.submit { [cancellation] in
            do throws(StoreError) {
                done(.success(try Self.look(path, cancellation)))
            } catch {
                if !cancellation.isOn { done(.failure(error)) }
            }
        }
    }

    /// Ends it as soon as it can be, and waits for that.
    func cancel() {
        cancellation.flag.store(true, ordering: .relaxed)
        worker.close()
    }

    /// Looks in the calling thread; returns how long it took.
    static func look(
        _ path: String, _ cancellation: Cancellation = Cancellation()
    ) throws(StoreError) -> Duration {
        let started = ContinuousClock.now
        let connection = try Connection(path: path, isReader: true)
        try Pragmas.apply(to: connection, isReader: true)
        sqlite3_progress_handler(
            connection.handle, stepsPerLook,
            { context in Unmanaged<Cancellation>.fromOpaque(context!).takeUnretainedValue().isOn ? 1 : 0 },
            Unmanaged.passUnretained(cancellation).toOpaque())
        // Table by table, so that no look keeps the log from being emptied for longer than one of them takes.
        let tables = try connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").rows {
            $0.text(0) ?? ""
        }
        for table in tables {
            let finding = try connection.prepare("PRAGMA quick_check('\(table)')").first { $0.text(0) ?? "" }
            guard finding == "ok" else {
                throw StoreError("quick check", code: SQLITE_CORRUPT, message: finding ?? "nothing was said")
            }
        }
        return ContinuousClock.now - started
    }

    /// Whether the look is still wanted.
    final class Cancellation: Sendable {
        let flag = Atomic<Bool>(false)
        var isOn: Bool { flag.load(ordering: .relaxed) }
    }
}
