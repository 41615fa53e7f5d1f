import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(maxAttempts: 20)

    @Test func ourOwnPausesDoubleAndStopGrowing() {
        let pauses = (1...7).map { policy.pause(after: $0, .backoff, random: 1) }
        #expect(
            pauses == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(8), .seconds(8),
            ])
        #expect(policy.pause(after: 19, .backoff, random: 0) == .seconds(4))
    }

    @Test func luckTakesAwayAtMostHalf() {
        #expect(policy.pause(after: 2, .backoff, random: 0) == .milliseconds(500))
        #expect(policy.pause(after: 2, .backoff, random: 0.5) == .milliseconds(750))
    }

    @Test func neverComesBackBeforeTheProviderSaid() throws {
        for random in [0, 0.3, 0.999] {
            let pause = try #require(policy.pause(after: 1, .after(.seconds(20)), random: random))
            #expect(pause >= .seconds(20) && pause <= .seconds(21))
        }
        #expect(policy.pause(after: 1, .after(.seconds(-5)), random: 0) == .zero)
    }

    @Test func aLongWaitIsLeftToWhoeverAsked() {
        #expect(policy.pause(after: 1, .after(.seconds(60)), random: 0) == .seconds(60))
        #expect(policy.pause(after: 1, .after(.seconds(61)), random: 0) == nil)
    }

    @Test func givesUpWhenItMustOrHasTriedEnough() {
        #expect(policy.pause(after: 1, .never, random: 0) == nil)
        #expect(policy.pause(after: 20, .backoff, random: 0) == nil)
        #expect(RetryPolicy(maxAttempts: 1).pause(after: 1, .after(.zero), random: 0) == nil)
    }
}
