import Testing

@testable import AgentServer

@Suite struct StallWatchTests {
    private var watch = StallWatch(limit: 30)

    @Test mutating func aReaderThatTakesNothingStallsOnceItsTimeIsOver() {
        watch.wrote(100, isBlocked: true, at: 1000)
        #expect(watch.deadline == 1030)
        watch.wrote(0, isBlocked: true, at: 1029)
        #expect(!watch.hasStalled(at: 1029))
        #expect(watch.hasStalled(at: 1030))
        watch.restart(at: 1030)
        #expect(!watch.hasStalled(at: 1031))
        #expect(watch.hasStalled(at: 1060))
    }

    @Test mutating func aByteNowAndThenIsEnough() {
        watch.wrote(100, isBlocked: true, at: 1000)
        for now in stride(from: Int64(1020), to: 2000, by: 20) {
            watch.wrote(1, isBlocked: true, at: now)
            #expect(!watch.hasStalled(at: now + 19))
        }
    }

    @Test mutating func theTimeBeforeSomethingWaitedDoesNotCount() {
        watch.wrote(10, isBlocked: false, at: 1000)
        // The kernel's buffer happened to be full to the brim.
        watch.wrote(0, isBlocked: true, at: 5000)
        #expect(!watch.hasStalled(at: 5029))
        #expect(watch.hasStalled(at: 5030))
    }

    @Test mutating func whoHasEverythingDoesNotStall() {
        watch.wrote(10, isBlocked: true, at: 1000)
        watch.wrote(10, isBlocked: false, at: 1010)
        #expect(!watch.hasStalled(at: 9000))
    }
}
