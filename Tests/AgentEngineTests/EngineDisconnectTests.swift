import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

@Suite struct EngineDisconnectTests {
    private let house = SimulatedHouse()

    private func status(_ run: RunID) -> RunStatus? { house.journal.tables.runs[run]?.record.status }

    @Test func aRunEndsWithTheClientThatItIsBoundTo() throws {
        let client = house.connect()
        let run = client.run("hello", session: "s1")
        house.turn()
        house.provider.lastCall.say("Half")
        house.turn()
        client.disconnect()
        #expect(house.provider.lastCall.state == .aborted)
        house.turn()
        let log = try #require(house.journal.tables.events[run.runID])
        #expect(log.map(\.kind) == [.runStarted, .runContent, .runCancelled])
        #expect(log.last?.members["reason"]?.string == "disconnect")
        // Nobody stopped it: the text gets no mark, and the model is told it as it stands.
        house.converse("again", "fine", session: "s1")
        #expect(house.told(house.provider.lastCall) == ["user: hello", "assistant: Half", "user: again"])
        house.expectRest()
    }

    @Test func aRunEndsWithAClientThatGoesBeforeTheAcceptanceIsCommitted() {
        house.journal.isHoldingCommits = true
        let client = house.connect()
        client.run("hello", session: "s1", name: "r1")
        house.turn()
        client.disconnect()
        house.letCommitsGo()
        #expect(status(RunID(trusted: "r1")) == .interrupted)
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }

    @Test(arguments: [StreamMode.full, .final, .none]) func aRunThatMayGoOnGoesOn(_ stream: StreamMode) {
        let client = house.connect()
        let run = client.run("hello", stream: stream, onDisconnect: .continue)
        house.turn()
        client.disconnect()
        house.provider.lastCall.end()
        house.turn()
        #expect(status(run.runID) == .completed)
        house.expectRest()
    }

    @Test func aRunWithoutAStreamIsNotBound() {
        let client = house.connect()
        let run = client.run("hello", stream: .none)
        house.turn()
        #expect(house.engine.bound.isEmpty)
        client.disconnect()
        house.provider.lastCall.end()
        house.turn()
        #expect(status(run.runID) == .completed)
        house.expectRest()
    }

    @Test func aRunWithoutAStreamIsBoundWhenTheCommandSaysSo() {
        let client = house.connect()
        let run = client.run("hello", stream: .none, onDisconnect: .stop)
        house.turn()
        client.disconnect()
        house.turn()
        #expect(status(run.runID) == .interrupted)
        house.expectRest()
    }

    @Test func theAgentsPolicyHoldsWhereTheCommandSaysNothing() {
        let house = SimulatedHouse { $0.onDisconnect = .continue }
        let client = house.connect()
        let run = client.run("hello")
        let bound = client.run("hello", onDisconnect: .stop)
        house.turn()
        client.disconnect()
        house.turn()
        for call in house.provider.openCalls { call.end() }
        house.turn()
        #expect(house.journal.tables.runs[run.runID]?.record.status == .completed)
        #expect(house.journal.tables.runs[bound.runID]?.record.status == .interrupted)
        house.expectRest()
    }

    @Test func anotherClientsStreamKeepsARun() throws {
        let client = house.connect()
        let run = client.run("hello")
        house.turn()
        let other = house.connect()
        let stream = other.attach(run: run.runID, after: .tail)
        house.turn()
        client.disconnect()
        house.provider.lastCall.say("fine")
        house.provider.lastCall.end()
        house.turn()
        #expect(stream.events.map(\.kind) == [.runContent, .runCompleted])
        // It is bound to nobody any more, the other one included.
        other.disconnect()
        #expect(status(run.runID) == .completed)
        house.expectRest()
    }

    @Test func aClientThatDoesNotStreamAnyMoreKeepsNothing() throws {
        let client = house.connect()
        let run = client.run("hello")
        house.turn()
        let stream = house.connect().attach(run: run.runID, after: .tail)
        house.turn()
        house.engine.leave(try #require(stream.attachment?.cursor))
        stream.isCut = true
        client.disconnect()
        house.turn()
        #expect(status(run.runID) == .interrupted)
        #expect(stream.events.isEmpty)
        house.expectRest()
    }

    @Test func everyRunThatIsBoundToAClientEnds() {
        let client = house.connect()
        for name in ["r3", "r1", "r2"] { client.run("hello", name: name) }
        let unbound = client.run("hello", onDisconnect: .continue)
        house.turn()
        client.disconnect()
        house.turn()
        #expect(house.provider.calls.map(\.state) == [.aborted, .aborted, .aborted, .open])
        #expect(status(unbound.runID) == .running)
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aConnectionThatHadAllItAskedForStopsNothing() {
        let client = house.connect()
        let run = client.run("hello", stream: .none, onDisconnect: .stop)
        house.turn()
        house.engine.settled(client.id)
        client.disconnect()
        house.provider.lastCall.end()
        house.turn()
        #expect(status(run.runID) == .completed)
        house.expectRest()
    }

    @Test func aClientThatGoesAfterTheEndStopsNothing() {
        let client = house.connect()
        let run = client.run("hello")
        house.turn()
        house.journal.isHoldingCommits = true
        house.provider.lastCall.end()
        house.turn()
        client.disconnect()
        house.letCommitsGo()
        #expect(status(run.runID) == .completed)
        house.expectRest()
    }
}
