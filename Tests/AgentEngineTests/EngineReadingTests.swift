import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// Who asks while a run is live sees what was told, no more and no less.
@Suite struct EngineReadingTests {
    private let house = SimulatedHouse()

    private func members(_ answer: Result<[UInt8], AgentError>?) throws -> JSONObject {
        let bytes = try #require(try answer?.get())
        return try #require(try JSONReader.read([UInt8(ascii: "{")] + bytes + [UInt8(ascii: "}")]).object)
    }

    private func content(of run: SimulatedRun) throws -> String? {
        var answer: Result<[UInt8], AgentError>?
        house.engine.get(GetCommand(runID: run.runID)) { answer = $0 }
        return try members(answer)["run"]?.object?["content"]?.string
    }

    private func history(of run: SimulatedRun) throws -> [String] {
        var answer: Result<[UInt8], AgentError>?
        house.engine.history(HistoryCommand(sessionID: run.sessionID)) { answer = $0 }
        return try members(answer)["messages"]?.array?.compactMap { $0.object?["content"]?.string } ?? []
    }

    @Test func aLiveAnswerIsShownAsFarAsItIsCommitted() throws {
        let run = house.start("hello")
        #expect(try content(of: run) == "")
        #expect(try history(of: run) == ["hello"])
        house.provider.lastCall.say("Hel")
        #expect(try content(of: run) == "")
        // Of a message that nobody has heard of nothing is in the ledger, and a crash would give it another name.
        #expect(try history(of: run) == ["hello"])
        house.turn()
        #expect(try content(of: run) == "Hel")
        #expect(try history(of: run) == ["hello", "Hel"])
        house.provider.lastCall.end()
        house.turn()
        #expect(try content(of: run) == "Hel")
        house.expectRest()
    }

    @Test func earlierStepsStandBeforeTheLiveOne() throws {
        let run = house.start("hello")
        house.provider.lastCall.say("First.")
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.turn()
        house.provider.lastCall.say("Second.")
        house.turn()
        #expect(try content(of: run) == "First.\n\nSecond.")
        #expect(try history(of: run) == ["hello", "First.", "there is no tool named search", "Second."])
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func whatWasToldIsShownWhileTheEndIsOnItsWay() throws {
        let run = house.start("hello")
        house.provider.lastCall.say("Half")
        house.turn()
        house.journal.isHoldingCommits = true
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(try content(of: run) == "Half")
        #expect(try history(of: run) == ["hello", "Half"])
        house.letCommitsGo()
        #expect(try content(of: run) == "Half\n\nUser halted response")
        house.expectRest()
    }

    @Test func whatWasToldIsShownWhileAStepIsOnItsWay() throws {
        let run = house.start("hello")
        house.provider.lastCall.say("First.")
        house.turn()
        house.journal.isHoldingCommits = true
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.provider.lastCall.say("Second.")
        house.turn()
        #expect(try content(of: run) == "First.")
        #expect(try history(of: run) == ["hello", "First."])
        house.letCommitsGo()
        #expect(try history(of: run) == ["hello", "First.", "there is no tool named search", "Second."])
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func agentsAreListedPageByPage() throws {
        var answer: Result<[UInt8], AgentError>?
        house.engine.list(ListCommand(kind: .agents, limit: 1)) { answer = $0 }
        let first = try members(answer)
        #expect(first["items"]?.array?.first?.object?["agent"]?.string == "clerk")
        #expect(first["next_cursor"]?.string == "clerk")
        house.engine.list(ListCommand(kind: .agents, limit: 1, cursor: "clerk")) { answer = $0 }
        let second = try members(answer)
        #expect(second["items"]?.array?.first?.object?["agent"]?.string == "helper")
        #expect(second["next_cursor"] == .null)
    }
}
