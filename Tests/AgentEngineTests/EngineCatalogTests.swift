import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// Agents that are replaced while runs are live and in line.
@Suite struct EngineCatalogTests {
    private let house = SimulatedHouse()

    private func agent(_ name: String, model: String, note: String = "new note") -> Agent {
        Agent(
            name: AgentName(trusted: name), provider: house.provider, providerName: "simulated", model: model,
            instructions: "You are new.", haltNote: note)
    }

    private func replace(with agents: Agent...) {
        house.engine.catalog = AgentCatalog(agents, default: agents[0].name)
    }

    @Test func aRunThatHasBegunKeepsItsAgent() {
        let run = house.start("one", session: "s1")
        house.provider.lastCall.call("search")
        replace(with: agent("helper", model: "model-2"))
        house.provider.lastCall.end()
        house.turn()
        #expect(house.provider.lastCall.request.model == "model-1")
        #expect(house.provider.lastCall.request.instructions == "You are the helper.")
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(run.terminal?.content?.hasSuffix(house.haltNote) == true)
        house.expectRest()
    }

    @Test func aRunInLineTakesTheNewOne() {
        _ = house.start("one", session: "s1")
        let second = house.start("two", session: "s1", onBusy: .queue)
        replace(with: agent("helper", model: "model-2"))
        house.provider.lastCall.end()
        house.turn()
        #expect(house.provider.lastCall.request.model == "model-2")
        #expect(second.events.last?["model"] == "model-2")
        #expect(house.journal.tables.runs[second.runID]?.record.model == "model-2")
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aRunInLineWhoseAgentIsGoneEndsWhenItsTurnComes() {
        _ = house.start("one", session: "s1")
        let first = house.provider.lastCall
        let second = house.start("two", session: "s1", onBusy: .queue)
        let third = house.start("three", session: "s1", onBusy: .queue)
        replace(with: agent("clerk", model: "model-2"))
        first.end()
        house.turn()
        for run in [second, third] {
            #expect(run.kinds.last == .runError)
            #expect(run.terminal?.payload["error"]?.object?["code"]?.string == "agent_not_found")
        }
        #expect(house.engine.queuedRuns == 0 && house.engine.liveRuns == 0)
        house.expectRest()
    }

    @Test func newRunsAreAskedOfTheNewDefault() {
        replace(with: agent("poet", model: "model-3"), agent("clerk", model: "model-2"))
        _ = house.start("one")
        #expect(house.provider.lastCall.request.model == "model-3")
        #expect(house.engine.agentNames.map(\.text) == ["clerk", "poet"])
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }
}
