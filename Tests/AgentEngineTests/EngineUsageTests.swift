import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineUsageTests {
    private let house = SimulatedHouse()

    private func usage(_ run: SimulatedRun) throws -> JSONObject {
        house.turn()
        let usage = try #require(run.terminal?.payload["usage"]?.object)
        let row = try #require(house.journal.tables.runs[run.runID]?.record.usage)
        #expect(usage["total_tokens"]?.int64 == row.totalTokens && usage["requests"]?.int64 == row.requests)
        house.expectRest()
        return usage
    }

    @Test func theLastReportOfEachRequestCounts() throws {
        let run = house.start("hello")
        let first = house.provider.lastCall
        first.report(Usage(inputTokens: 10, outputTokens: 1))
        first.report(Usage(inputTokens: 10, outputTokens: 5))
        first.call("search")
        first.end()
        let second = house.provider.lastCall
        second.report(Usage(inputTokens: 20, outputTokens: 7))
        second.end()
        let usage = try usage(run)
        #expect(usage["input_tokens"]?.int64 == 30 && usage["output_tokens"]?.int64 == 12)
        #expect(usage["total_tokens"]?.int64 == 42 && usage["requests"]?.int64 == 2)
        #expect(usage["incomplete"]?.bool == false && usage["cache_read_tokens"] == .null)
    }

    @Test func aStoppedRunTellsWhatItCost() throws {
        let run = house.start("hello")
        house.provider.lastCall.report(Usage(inputTokens: 10, outputTokens: 5))
        house.connect().stop(run: run.runID)
        let usage = try usage(run)
        #expect(usage["total_tokens"]?.int64 == 15 && usage["incomplete"]?.bool == false)
    }

    @Test func aFailedRunTellsWhatItCost() throws {
        let run = house.start("hello")
        house.provider.lastCall.report(Usage(inputTokens: 10))
        house.provider.lastCall.fail()
        let usage = try usage(run)
        #expect(usage["input_tokens"]?.int64 == 10 && usage["output_tokens"] == .null)
    }

    @Test(arguments: [true, false]) func whatIsNotKnownIsNullAndNeverZero(isStopped: Bool) throws {
        let run = house.start("hello")
        if isStopped { house.connect().stop(run: run.runID) } else { house.provider.lastCall.fail() }
        let usage = try usage(run)
        for name in ["input_tokens", "output_tokens", "reasoning_tokens", "total_tokens", "cost_usd"] {
            #expect(usage[name] == .null)
        }
        #expect(usage["requests"]?.int64 == 1 && usage["incomplete"]?.bool == true)
    }

    @Test func aRequestWithoutReportLeavesTheSumsIncomplete() throws {
        let run = house.start("hello")
        house.provider.lastCall.report(Usage(inputTokens: 10, outputTokens: 5))
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.provider.lastCall.end()
        let usage = try usage(run)
        #expect(usage["total_tokens"]?.int64 == 15 && usage["requests"]?.int64 == 2)
        #expect(usage["incomplete"]?.bool == true)
    }
}
