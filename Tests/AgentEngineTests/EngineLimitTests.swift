import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineLimitTests {
    private let house = SimulatedHouse {
        $0.timeLimit = .seconds(60)
        $0.maxSteps = 2
    }

    private func error(_ run: SimulatedRun) -> String? { run.terminal?.payload["error"]?.object?["code"]?.string }

    @Test func aRunEndsWhenItsTimeIsOver() {
        let run = house.start("hello")
        house.provider.lastCall.say("Half")
        house.environment.advance(by: .milliseconds(59_999))
        house.turn()
        #expect(run.terminal == nil)
        house.environment.advance(by: .milliseconds(1))
        #expect(house.provider.lastCall.state == .aborted)
        house.turn()
        #expect(error(run) == "limit_time")
        #expect(run.terminal?.content == "Half\n\n[error: limit_time]")
        #expect(run.terminal?.payload["duration_ms"]?.int64 == 60_000)
        house.expectRest()
    }

    @Test func theTimeBeginsWhenTheWorkBegins() {
        house.journal.isHoldingCommits = true
        let run = house.connect().run("hello")
        house.turn()
        house.environment.advance(by: .seconds(100))
        house.letCommitsGo()
        #expect(run.kinds == [.runStarted])
        house.provider.lastCall.end()
        house.turn()
        #expect(run.terminal?.kind == .runCompleted)
        house.expectRest()
    }

    @Test func aRunEndsWhenItsModelStillCallsAfterTheLastStep() throws {
        let run = house.start("hello", session: "s1")
        for step in 1...2 {
            let call = house.provider.lastCall
            #expect(call.request.step == step)
            call.say("Step \(step).")
            call.report(Usage(inputTokens: 10, outputTokens: 5))
            call.call("search")
            call.end()
            house.turn()
        }
        #expect(error(run) == "limit_steps")
        #expect(run.terminal?.content == "Step 1.\n\nStep 2.\n\n[error: limit_steps]")
        let rows = house.journal.tables.messages(of: run.runID)
        #expect(rows.map(\.role) == [.user, .assistant, .tool, .assistant, .tool, .assistant])
        #expect(rows.map(\.step) == [0, 1, 1, 2, 2, 3])
        // The mark is no request: it costs nothing, and what the requests cost is known.
        let usage = try #require(run.terminal?.payload["usage"]?.object)
        #expect(usage["requests"]?.int64 == 2 && usage["incomplete"]?.bool == false)
        #expect(usage["total_tokens"]?.int64 == 30)
        house.converse("again", "fine", session: "s1")
        house.expectRest()
    }

    @Test func aRunEndsWhenItsModelCallsWithoutEnd() {
        let run = house.start("hello")
        let call = house.provider.lastCall
        for _ in 0...128 { call.call("search") }
        #expect(call.state == .aborted)
        house.turn()
        #expect(error(run) == "limit_tool_calls")
        #expect(run.kinds.filter { $0 == .toolCallCompleted }.count == 129)
        house.expectRest()
    }
}
