import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

/// What all clients together may take.
@Suite struct DoorLimitsTests {
    init() { LoopFixture.start() }

    @Test(arguments: [(1 << 20, 1024), (2080, 1024), (1024, 496), (64, 16), (33, 1), (8, 1)])
    func halfOfTheDescriptorsAreForWhatClientsAskFor(descriptors: Int, connections: Int) {
        #expect(DoorLimits().fitting(descriptors: descriptors).connections == connections)
    }

    @Test @LoopActor func aClientTooManyIsToldSoAndLetGo() async throws {
        let house = try House(limits: DoorLimits(connections: 2))
        let clients = [house.connect(), house.connect()]
        #expect(await eventually { house.server.connectionCount == 2 })
        let third = house.connect()
        #expect(await third.readsToTheEnd())
        #expect(third.story == ["?:overloaded"])
        let error = try #require(third.frames.first?["error"]?.object)
        #expect(error["retryable"]?.bool == true && error["retry_after_ms"]?.int64 != nil)
        #expect(error["message"]?.string == "2 connections are open")
        clients[0].close()
        #expect(await eventually { house.server.connectionCount == 1 })
        let again = house.connect()
        again.send(#"{"cmd":"hello"}"#)
        #expect(await again.reads(1))
        #expect(again.story == ["hello"])
        // It is told what holds here.
        let limits = try #require(again.frames.first?["limits"]?.object)
        #expect(limits["connections"]?.int64 == 2 && limits["commands"]?.int64 == Int64(Limits.commands))
        house.close()
    }

    @Test @LoopActor func ofAllUnfinishedLinesTheLongestIsGivenUpAndItsClientLives() async throws {
        let house = try House(limits: DoorLimits(inboundTotal: 1_000_000))
        let (large, small) = (house.connect(), house.connect())
        #expect(await small.sendAll([UInt8](repeating: UInt8(ascii: " "), count: 300_000)))
        #expect(await large.sendAll([UInt8](repeating: UInt8(ascii: " "), count: 800_000)))
        #expect(await large.reads(1))
        #expect(large.story == ["?:overloaded"])
        #expect(large.frames.first?["error"]?.object?["retryable"]?.bool == true)
        // The rest of it is skipped, however long, without another word; what follows is taken.
        #expect(await large.sendAll([UInt8](repeating: UInt8(ascii: " "), count: 300_000)))
        large.send(#"{"cmd":"hello"}"#, #"{"cmd":"ping"}"#)
        small.send(#"{"cmd":"ping"}"#)
        #expect(await large.reads(2))
        #expect(await small.reads(1))
        #expect(large.story == ["?:overloaded", "ping"])
        #expect(small.story == ["ping"])
        house.close()
    }

    @Test @LoopActor func pagesAreReadOneByOneAsTheirClientTakesThemAndOthersOvertakeThem() async throws {
        let house = try House()
        house.journal.pageBytes = 400_000
        let client = house.connect()
        client.send(
            #"{"cmd":"list","id":1}"#, #"{"cmd":"list","id":2}"#, #"{"cmd":"list","id":3}"#,
            #"{"cmd":"run","input":"hi","stream":"none","id":4}"#)
        // The run begins, though its reply is behind two pages that are not even read.
        #expect(await eventually { house.provider.calls.count == 1 })
        await afterMilliseconds(10)
        #expect(house.journal.isReadWanted.count == 1)
        #expect(await client.reads(4))
        #expect(client.ids == ["1", "2", "3", "4"])
        #expect(client.story == ["list", "list", "list", "run"])
        house.close()
    }

    @Test @LoopActor func whatWaitsBehindAPageDoesNotKeepItFromBeingRead() async throws {
        let house = try House()
        house.journal.holdsReads = true
        let client = house.connect()
        client.send(#"{"cmd":"list"}"#, #"{"cmd":"list"}"#)
        for _ in 0..<62 { client.send(#"{"cmd":"help"}"#) }
        #expect(await eventually { house.journal.heldReads.count == 1 })
        house.journal.answerRead(0)
        #expect(await eventually { house.journal.heldReads.count == 1 })
        house.journal.answerRead(0)
        #expect(await client.reads(64))
        house.close()
    }

    @Test @LoopActor func aPageForWhichOthersLeftNoRoomIsRefusedAndComesWhenTheyHaveRead() async throws {
        let house = try House(limits: DoorLimits(outboxTotal: 300_000))
        house.journal.pageBytes = 290_000
        let (hog, other) = (house.connect(), house.connect())
        hog.send(#"{"cmd":"list"}"#)
        #expect(await unread(other) { $0 > 20_000 })
        other.send(#"{"cmd":"list","id":"page"}"#)
        #expect(await other.reads { other.ids.contains("page") })
        #expect(other.story.last == "list:overloaded")
        // A refusal is a reply, and none is lost.
        #expect(await hog.reads(1))
        #expect(hog.story == ["list"])
        #expect(await unread(other) { $0 == 0 })
        other.send(#"{"cmd":"list","id":"again"}"#)
        #expect(await other.reads { other.ids.contains("again") })
        #expect(other.story.last == "list")
        house.close()
    }

    /// Asks what waits to be read by all clients, until it is enough.
    @LoopActor private func unread(_ client: Client, _ isEnough: (Int64) -> Bool) async -> Bool {
        for _ in 0..<1000 {
            client.send(#"{"cmd":"hello"}"#)
            let count = client.frames.count
            guard await client.reads(count + 1) else { return false }
            if let bytes = client.frames[count]["unread_bytes"]?.int64, isEnough(bytes) { return true }
        }
        return false
    }
}
