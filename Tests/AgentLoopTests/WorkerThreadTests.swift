import AgentTestKit
import Synchronization
import Testing

@testable import AgentLoop

@Suite struct WorkerThreadTests {
    /// Written by a worker, read by the test.
    private final class Record: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    init() { LoopFixture.start() }

    @Test func closingFinishesWhatWasSubmittedInItsOrder() {
        let record = Record()
        let worker = WorkerThread(name: "worker")
        for number in 0..<5_000 { worker.submit { record.numbers.withLock { $0.append(number) } } }
        worker.close()
        #expect(record.numbers.withLock { $0 } == Array(0..<5_000))
    }

    @Test func aJobAfterTheCloseIsDropped() {
        let record = Record()
        let worker = WorkerThread(name: "worker")
        worker.close()
        worker.submit { record.numbers.withLock { $0.append(1) } }
        worker.close()
        #expect(record.numbers.withLock { $0 }.isEmpty)
    }

    @Test @LoopActor func aJobIsLetGoOfOnceItIsDone() async {
        let worker = WorkerThread(name: "worker")
        weak var seen: Record?
        do {
            let record = Record()
            seen = record
            worker.submit { record.numbers.withLock { $0.append(1) } }
        }
        #expect(await eventually { seen == nil })
        worker.close()
    }

    /// A room whose start fails never gets to close its threads.
    @Test @LoopActor func aWorkerThatNobodyHoldsEndsByItself() async {
        for _ in 0..<50 {
            weak var seen: WorkerThread?
            do {
                let worker = WorkerThread(name: "worker")
                seen = worker
            }
            #expect(seen == nil)
        }
    }

    @Test @LoopActor func aWorkerMayBeLetGoOfByItsOwnJob() async {
        weak var seen: Record?
        do {
            let record = Record()
            seen = record
            let worker = WorkerThread(name: "worker")
            worker.submit { [worker] in
                record.numbers.withLock { $0.append(1) }
                _ = worker
            }
        }
        #expect(await eventually { seen == nil })
    }
}
