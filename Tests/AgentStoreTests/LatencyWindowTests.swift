import Testing

@testable import AgentStore

@Suite struct LatencyWindowTests {
    @Test func knowsNothingBeforeTheFirstCommit() { #expect(LatencyWindow().p99 == nil) }

    @Test func tellsWhatNinetyNineOfAHundredDidNotExceed() {
        var window = LatencyWindow()
        for value in (1...100).shuffled() { window.add(nanoseconds: Int64(value)) }
        #expect(window.p99 == .nanoseconds(100))
        window = LatencyWindow()
        for value in (1...500).shuffled() { window.add(nanoseconds: Int64(value)) }
        #expect(window.p99 == .nanoseconds(496))
    }

    @Test func forgetsWhatIsOld() {
        var window = LatencyWindow()
        for _ in 0..<600 { window.add(nanoseconds: 1_000_000) }
        for _ in 0..<512 { window.add(nanoseconds: 1) }
        #expect(window.p99 == .nanoseconds(1))
    }
}
