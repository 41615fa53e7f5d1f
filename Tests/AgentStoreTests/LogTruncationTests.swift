import AgentLoop
import AgentTestKit
import Testing

@testable import AgentStore

@Suite struct LogTruncationTests {
    init() { LoopFixture.start() }

    /// Its attempts, each of which the test ends when and as it likes.
    @LoopActor private final class Attempts {
        private(set) var open: [(Bool) -> Void] = []
        private(set) var begun = 0

        func begin(_ result: @escaping (Bool) -> Void) {
            begun += 1
            open.append(result)
        }

        func end(isEmpty: Bool) { open.removeFirst()(isEmpty) }
    }

    @Test @LoopActor func readersOfItsOwnAreWaitedForHoweverLongTheyTake() async {
        let attempts = Attempts()
        let truncation = LogTruncation { attempts.begin($0) }
        var isDone = false
        truncation.begin { isDone = true }
        // Longer than the patience that is kept for others.
        await afterMilliseconds(2200)
        #expect(!isDone && attempts.begun == 1)
        attempts.end(isEmpty: true)
        #expect(isDone && !truncation.isDue)
    }

    @Test @LoopActor func whoeverComesDuringAnAttemptIsServedByIt() {
        let attempts = Attempts()
        let truncation = LogTruncation { attempts.begin($0) }
        var served = 0
        for _ in 1...3 { truncation.begin { served += 1 } }
        #expect(attempts.begun == 1)
        attempts.end(isEmpty: true)
        #expect(served == 3)
    }

    @Test @LoopActor func itIsTriedAgainUntilTheLogIsEmpty() async {
        let attempts = Attempts()
        let truncation = LogTruncation { attempts.begin($0) }
        var isDone = false
        truncation.begin { isDone = true }
        for number in 2...4 {
            attempts.end(isEmpty: false)
            #expect(await eventually { attempts.begun == number })
            #expect(truncation.isDue)
        }
        attempts.end(isEmpty: true)
        #expect(isDone && !truncation.isDue)
    }
}
