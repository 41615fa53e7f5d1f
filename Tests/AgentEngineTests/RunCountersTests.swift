import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct RunCountersTests {
    private let house = SimulatedHouse()

    private func counters() throws -> JSONObject {
        var writer = JSONWriter()
        house.engine.counters.write(to: &writer)
        return try #require(JSONReader.read(writer.bytes).object)
    }

    private func model() throws -> JSONObject {
        try #require(try counters()["models"]?.array?.first?.object)
    }

    @Test func aDaemonThatHasDoneNothingHasNothingToSay() throws {
        let counters = try counters()
        #expect(counters["since"]?.int64 == house.environment.now().milliseconds)
        #expect(
            counters["runs"]?.object == [
                "completed": .number(JSONNumber(0)), "interrupted": .number(JSONNumber(0)),
                "error": .number(JSONNumber(0)),
            ])
        #expect(counters["models"]?.array?.isEmpty == true)
    }

    @Test func eachEndIsCountedOnceByItsStatus() throws {
        _ = house.start("completed")
        house.provider.lastCall.end()
        house.turn()
        for _ in 1...2 {
            let run = house.start("interrupted", session: "s")
            let waiting = house.start("never", session: "s", onBusy: .queue)
            house.connect().stop(run: waiting.runID)
            house.connect().stop(run: run.runID)
            house.turn()
        }
        _ = house.start("error")
        house.provider.lastCall.fail()
        house.turn()
        let runs = try counters()["runs"]?.object
        #expect(["completed", "interrupted", "error"].map { runs?[$0]?.int64 } == [1, 4, 1])
    }

    @Test func whatIsNotInTheLedgerIsNotCounted() throws {
        _ = house.start("hello")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.report(Usage(inputTokens: 10, outputTokens: 1))
        house.provider.lastCall.end()
        house.turn()
        #expect(house.engine.counters.ended(.completed) == 0)
        #expect(try counters()["models"]?.array?.isEmpty == true)
        house.journal.write()
        #expect(house.engine.counters.ended(.completed) == 0)
        house.letCommitsGo()
        #expect(house.engine.counters.ended(.completed) == 1)
        #expect(try model()["input_tokens"]?.int64 == 10)
        #expect(try model()["requests"]?.array?.compactMap(\.int64).reduce(0, +) == 1)
    }

    @Test func whatRecoveryEndsIsCountedByTheProcessThatEndsIt() throws {
        house.converse("one", "answer", session: "s1")
        _ = house.start("two", session: "s1")
        _ = house.start("three", session: "s1", onBusy: .queue)
        house.crash()
        let runs = try counters()["runs"]?.object
        // The one that waited was bound to its client, who is gone.
        #expect(["completed", "interrupted", "error"].map { runs?[$0]?.int64 } == [0, 1, 1])
    }

    @Test func requestsAreToldApartByTheirDuration() throws {
        for seconds in [0.0, 0.010, 0.011, 1.0, 1000] {
            _ = house.start("hello")
            house.environment.advance(by: .milliseconds(Int64(seconds * 1000)))
            house.turn()
            if house.provider.lastCall.state == .open { house.provider.lastCall.end() }
            house.turn()
        }
        let bounds = try counters()["bounds_ms"]?.array?.compactMap(\.int64) ?? []
        let requests = try model()["requests"]?.array?.compactMap(\.int64) ?? []
        #expect(requests.count == bounds.count + 1)
        // The last one is ended by its time limit, 600 seconds.
        #expect(requests.first == 2 && requests[1] == 1 && requests.last == 1 && requests.reduce(0, +) == 5)
        #expect(requests[bounds.firstIndex(of: 1280)!] == 1)
    }

    @Test func everyRequestOfARunIsCounted() throws {
        let run = house.start("hello")
        house.provider.lastCall.report(Usage(inputTokens: 10, outputTokens: 1, costUSD: 0.5))
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.provider.lastCall.report(Usage(inputTokens: 20, outputTokens: 7))
        house.connect().stop(run: run.runID)
        house.turn()
        let model = try model()
        #expect(model["provider"]?.string == "simulated" && model["model"]?.string == "model-1")
        #expect(model["input_tokens"]?.int64 == 30 && model["output_tokens"]?.int64 == 8)
        #expect(model["requests"]?.array?.compactMap(\.int64).reduce(0, +) == 2)
        guard case .number(let cost) = model["cost_usd"] else { throw TestFailure("no cost") }
        #expect(cost.text == "0.5")
    }

    @Test func aFigureThatNobodyCanBelieveDoesNoHarm() throws {
        for _ in 1...3 {
            _ = house.start("hello")
            house.provider.lastCall.report(Usage(inputTokens: .max, outputTokens: -5))
            house.provider.lastCall.end()
            house.turn()
        }
        #expect(try model()["input_tokens"]?.int64 == 3 << 40)
        #expect(try model()["output_tokens"]?.int64 == 0)
    }
}
