import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

@Suite struct ServerTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func manyClientsAreServedAtOnce() async throws {
        let house = try House()
        let clients = (0..<100).map { _ in house.connect() }
        for (number, client) in clients.enumerated() { client.send(#"{"cmd":"ping","id":\#(number)}"#) }
        for (number, client) in clients.enumerated() {
            #expect(await client.reads(1))
            #expect(client.ids == ["\(number)"])
        }
        #expect(house.server.connectionCount == 100)
        for client in clients { client.close() }
        #expect(await eventually { house.server.connectionCount == 0 })
        house.close()
    }

    @Test @LoopActor func tellsEverybodyThatItIsGoingDown() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"ping"}"#)
        #expect(await client.reads(1))
        house.engine.drain()
        house.server.announceDrain(grace: .seconds(30))
        client.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await client.reads(3))
        #expect(client.story == ["ping", "server_draining", "run:shutting_down"])
        #expect(client.frames[1]["grace_s"]?.int64 == 30)
        house.close()
    }

    @Test @LoopActor func knowsWhetherEverythingHasLeft() async throws {
        let house = try House()
        house.journal.holdsReads = true
        let client = house.connect()
        client.send(#"{"cmd":"list"}"#)
        #expect(await eventually { house.journal.heldReads.count == 1 })
        #expect(!house.server.isFlushed)
        house.journal.answerRead(0)
        #expect(await client.reads(1))
        #expect(house.server.isFlushed)
        house.close()
    }

    @Test @LoopActor func stoppingClosesEveryConnection() async throws {
        let house = try House()
        let clients = (0..<3).map { _ in house.connect() }
        for client in clients { client.send(#"{"cmd":"run","input":"hi"}"#) }
        #expect(await eventually { house.provider.calls.count == 3 })
        house.server.stop()
        #expect(house.server.connectionCount == 0)
        for client in clients { #expect(await client.readsToTheEnd()) }
        // The runs are ended by whoever ends the daemon, not by the door.
        #expect(house.engine.liveRuns == 3)
        house.close()
    }

    @Test @LoopActor func tellsHowManyAreThere() async throws {
        let house = try House()
        let clients = [house.connect(), house.connect()]
        for client in clients {
            client.send(#"{"cmd":"hello"}"#)
            #expect(await client.reads(1))
        }
        #expect(clients[1].frames[0]["connections"]?.int64 == 2)
        #expect(clients[1].frames[0]["limits"]?.object?["commands"]?.int64 == Int64(Limits.commands))
        #expect(clients[1].frames[0]["agents"] == .array([.string("helper")]))
        house.close()
    }
}
