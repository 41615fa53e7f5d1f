import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Testing

/// Replies about runs that wait, that were sent again, and that are stopped together.
@Suite struct LineTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func aRunInLineIsToldItsPlaceAndStreamsFromThereOn() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"one","session_id":"s1","stream":"none"}"#,
            #"{"cmd":"run","input":"two","session_id":"s1","on_busy":"queue"}"#)
        #expect(await client.reads(3))
        #expect(client.story == ["run", "run", "run_queued"])
        client.send(#"{"cmd":"hello"}"#)
        #expect(await client.reads(4))
        let queued = try #require(client.frames.first { $0["status"]?.string == "queued" && $0["ok"] != nil })
        #expect(queued["position"]?.int64 == 1 && queued["existing"] == nil)
        let hello = try #require(client.frames.first { $0["cmd"]?.string == "hello" })
        #expect(hello["queued"]?.int64 == 1 && hello["live_runs"]?.int64 == 1)
        house.provider.calls[0].end()
        #expect(await client.reads(5))
        #expect(client.story.suffix(1) == ["run_started"])
        house.provider.lastCall.end()
        #expect(await client.reads(6))
        #expect(client.story.last == "run_completed")
        house.close()
    }

    @Test @LoopActor func aCommandThatIsSentAgainIsToldSoAndGetsTheWholeStory() async throws {
        let house = try House()
        let first = house.connect()
        first.send(#"{"cmd":"run","input":"one","run_id":"r1","stream":"none"}"#)
        #expect(await first.reads(1))
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"one","run_id":"r1","close":true}"#)
        #expect(await client.reads(1))
        #expect(client.frames[0]["existing"]?.bool == true && client.frames[0]["status"]?.string == "running")
        #expect(client.frames[0]["position"] == nil)
        house.provider.calls[0].end()
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["run", "run_started", "run_completed"])
        #expect(house.journal.accepted.count == 1)
        house.close()
    }

    @Test @LoopActor func aStopOfAllNamesAllThatItEnded() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"one","session_id":"s1","run_id":"r1","stream":"none"}"#,
            #"{"cmd":"run","input":"two","session_id":"s1","run_id":"r2","stream":"none","on_busy":"queue"}"#,
            #"{"cmd":"stop","session_id":"s1","all":true}"#)
        #expect(await client.reads(3))
        let stop = client.frames[2]
        #expect(stop["run_id"]?.string == "r1" && stop["status"]?.string == "stopping")
        #expect(stop["run_ids"]?.array?.compactMap(\.string) == ["r1", "r2"])
        #expect(await eventually { house.engine.isQuiet })
        house.close()
    }
}
