import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineRetryTests {
    private let house = SimulatedHouse { $0.maxAttempts = 3 }

    private func error(_ run: SimulatedRun) -> String? { run.terminal?.payload["error"]?.object?["code"]?.string }

    @Test func aRequestThatSaidNothingIsMadeAgainAndAnnounced() throws {
        let run = house.start("hello")
        house.provider.lastCall.fail(.modelOverloaded, "busy", retry: .backoff)
        house.turn()
        #expect(run.kinds == [.runStarted, .runRetrying])
        let payload = try #require(run.events.last).payload
        #expect(payload["attempt"]?.int64 == 2 && payload["max_attempts"]?.int64 == 3)
        #expect(payload["delay_ms"]?.int64 == 250 && payload["discards"] == .null)
        #expect(payload["error"]?.object?["code"]?.string == "model_overloaded")
        #expect(house.provider.calls.count == 1)
        house.environment.advance(by: .milliseconds(250))
        #expect(house.provider.calls.count == 2)
        #expect(house.provider.lastCall.request.step == 1)
        house.provider.lastCall.say("Here.")
        house.provider.lastCall.end()
        house.turn()
        #expect(run.terminal?.kind == .runCompleted && run.terminal?.content == "Here.")
        // One answer, however often it was asked for.
        #expect(run.terminal?.payload["usage"]?.object?["requests"]?.int64 == 1)
        house.expectRest()
    }

    @Test func itIsMadeSoOftenAndNoMore() {
        let run = house.start("hello")
        for attempt in 1...3 {
            #expect(house.provider.calls.count == attempt)
            house.provider.lastCall.fail(.modelUnavailable, "gone", retry: .backoff)
            house.environment.advance(by: .seconds(10))
            house.turn()
        }
        #expect(house.provider.calls.count == 3)
        #expect(run.kinds == [.runStarted, .runRetrying, .runRetrying, .runContent, .runError])
        #expect(error(run) == "model_unavailable")
        house.expectRest()
    }

    @Test func whatHasBeenSaidIsNeverSaidTwice() {
        for speak in [{ $0.say("Half") }, { $0.think("Hm") }, { $0.call("search") }] as [(SimulatedCall) -> Void] {
            let run = house.start("hello")
            speak(house.provider.lastCall)
            let calls = house.provider.calls.count
            house.provider.lastCall.fail(.modelTruncated, "cut", retry: .backoff)
            house.environment.advance(by: .seconds(10))
            house.turn()
            #expect(house.provider.calls.count == calls)
            #expect(error(run) == "model_truncated")
        }
        house.expectRest()
    }

    @Test func aStopDuringThePauseEndsTheRunAtOnce() {
        let run = house.start("hello", session: "s1")
        house.provider.lastCall.fail(.modelOverloaded, "busy", retry: .after(.seconds(30)))
        house.turn()
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(run.terminal?.kind == .runCancelled && run.terminal?.content == "User halted response")
        house.environment.advance(by: .seconds(60))
        #expect(house.provider.calls.count == 1)
        house.expectRest()
    }

    @Test func theTimeLimitHoldsDuringThePause() {
        let run = house.start("hello")
        house.provider.lastCall.fail(.modelOverloaded, "busy", retry: .after(.seconds(50)))
        house.environment.advance(by: .seconds(600))
        #expect(house.provider.calls.count == 2)
        house.turn()
        #expect(error(run) == "limit_time")
        house.expectRest()
    }

    @Test func anAnswerHasALength() {
        let run = house.start("hello")
        let piece = String(repeating: "x", count: 1 << 20)
        for _ in 0..<17 where run.terminal == nil {
            house.provider.lastCall.say(piece)
            house.turn()
        }
        #expect(house.provider.lastCall.state == .aborted)
        #expect(error(run) == "limit_tokens")
        house.expectRest()
    }

    @Test func whatTheProviderWantsBackIsKeptWithAWholeStepOnly() throws {
        let first = house.start("hello", session: "s1")
        house.provider.lastCall.keep(#"{"kind":"x"}"#)
        house.provider.lastCall.say("Hi.")
        house.provider.lastCall.end()
        house.turn()
        #expect(first.terminal?.kind == .runCompleted)
        let second = house.start("again", session: "s1")
        let told = try #require(house.provider.lastCall.request.messages.first { $0.role == .assistant })
        #expect(told.providerData == Array(#"{"kind":"x"}"#.utf8))
        house.provider.lastCall.keep(#"{"kind":"y"}"#)
        house.connect().stop(run: second.runID)
        house.turn()
        #expect(house.journal.tables.messages(of: second.runID).allSatisfy { $0.providerData == nil })
        house.expectRest()
    }
}
