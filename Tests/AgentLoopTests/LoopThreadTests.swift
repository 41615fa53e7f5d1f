import AgentTestKit
import Glibc
import Testing

@testable import AgentLoop

@Suite struct LoopThreadTests {
    init() { LoopFixture.start() }

    /// A second thread on the same epoll set and the same timers would be a race without a lock.
    @Test @LoopActor func aSecondOneJoinsTheLoopThatRuns() async {
        let here = pthread_self()
        let there = await withCheckedContinuation { continuation in
            _ = LoopThread { continuation.resume(returning: pthread_self()) }
        }
        #expect(here == there)
    }

    @Test func joinReturnsWhenTheLoopHasBeenStoppedAndANewOneMayBegin() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<3 {
                let thread = LoopThread { LoopTimer { EventLoop.shared.stop() }.arm(after: .milliseconds(1)) }
                thread.join()
            }
        }
    }
}
