import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

/// Commands and replies of one connection.
@Suite struct ConnectionTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func repliesComeInCommandOrderAlsoWhenAnEarlierOneIsSlow() async throws {
        let house = try House()
        house.journal.holdsAdmissions = true
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"hi","session_id":"s1","stream":"none","id":"a"}"#, #"{"cmd":"ping","id":7}"#,
            #"{"cmd":"list","id":"c"}"#, #"{"cmd":"ping"}"#)
        #expect(await eventually { house.journal.heldAdmissions.count == 1 && !house.journal.isReadWanted.isEmpty })
        await afterMilliseconds(5)
        client.read()
        #expect(client.frames.isEmpty)
        house.journal.letAdmissionsGo()
        #expect(await client.reads(4))
        #expect(client.story == ["run", "ping", "list", "ping"])
        #expect(client.ids == ["a", "7", "c", "-"])
        house.close()
    }

    @Test @LoopActor func aReplyPrecedesItsStreamAlsoBehindASlowOne() async throws {
        let house = try House()
        house.journal.holdsReads = true
        let client = house.connect()
        client.send(#"{"cmd":"list"}"#, #"{"cmd":"run","input":"hi","id":"r"}"#)
        #expect(await eventually { house.provider.calls.count == 1 })
        house.provider.calls[0].say("Hello")
        house.provider.calls[0].end()
        #expect(await eventually { house.journal.ended.count == 1 })
        client.read()
        #expect(client.frames.isEmpty)
        house.journal.answerRead(0)
        #expect(await client.reads(5))
        #expect(client.story == ["list", "run", "run_started", "run_content", "run_completed"])
        #expect(client.ids == ["-", "r", "r", "r", "r"])
        house.close()
    }

    @Test @LoopActor func nothingIsToldBeforeItIsCommitted() async throws {
        let house = try House()
        house.journal.holdsCommits = true
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await eventually { house.journal.heldBatch != nil })
        await afterMilliseconds(5)
        client.read()
        #expect(client.frames.isEmpty)
        #expect(house.provider.calls.isEmpty)
        house.journal.letCommitsGo()
        #expect(await client.reads(2))
        #expect(client.story == ["run", "run_started"])
        house.close()
    }

    @Test @LoopActor func everyEventCarriesTheIdOfItsCommandAndNoOther() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"hi","run_id":"r1","id":"é\"\n"}"#,
            #"{"cmd":"run","input":"hi","run_id":"r2","id":42}"#,
            #"{"cmd":"run","input":"hi","run_id":"r3"}"#)
        #expect(await eventually { house.provider.calls.count == 3 })
        for call in house.provider.calls {
            call.say("x")
            call.end()
        }
        #expect(await client.reads(12))
        for (run, id) in [("r1", JSONValue.string("é\"\n")), ("r2", .number(JSONNumber(42)))] {
            let frames = client.frames.filter { $0["run_id"]?.string == run }
            #expect(frames.count == 4)
            #expect(frames.allSatisfy { $0["id"] == id })
        }
        #expect(client.frames.filter { $0["run_id"]?.string == "r3" }.allSatisfy { $0["id"] == nil })
        house.close()
    }

    @Test @LoopActor func eventsOfARunComeInTheirOrderAndWhole() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi","run_id":"r1","session_id":"s1"}"#)
        #expect(await client.reads(2))
        for word in ["Grüße", " \"👋\"\n", "\u{2028}end"] {
            house.provider.calls[0].say(word)
            await afterMilliseconds(2)
        }
        house.provider.calls[0].end()
        #expect(await client.reads { client.story.last == "run_completed" })
        let events = client.frames.dropFirst()
        #expect(events.map { $0["seq"]?.int64 } == (1...Int64(events.count)).map { $0 })
        #expect(events.allSatisfy { $0["session_id"]?.string == "s1" && $0["ts"]?.int64 != nil })
        let said = events.filter { $0["event"]?.string == "run_content" }.compactMap { $0["content"]?.string }.joined()
        #expect(said == "Grüße \"👋\"\n\u{2028}end")
        #expect(events.last?["content"]?.string == said)
        house.close()
    }

    @Test @LoopActor func finalMeansTheTerminalOnlyAndNoneMeansTheReplyOnly() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"hi","stream":"final"}"#, #"{"cmd":"run","input":"hi","stream":"none"}"#)
        #expect(await eventually { house.provider.calls.count == 2 })
        for call in house.provider.calls {
            call.say("x")
            call.end()
        }
        #expect(await eventually { house.journal.ended.count == 2 })
        client.send(#"{"cmd":"ping"}"#)
        #expect(await client.reads { client.story.contains("ping") })
        #expect(client.story.filter { $0 != "run_completed" } == ["run", "run", "ping"])
        #expect(client.story.filter { $0 == "run_completed" }.count == 1)
        house.close()
    }

    @Test @LoopActor func whatIsNoCommandIsAnsweredAndTheNextIsTaken() async throws {
        let house = try House()
        let client = house.connect()
        client.sendRaw("\n  \r\n{\"cmd\":\"ping\"}\r\nnot json\n[]\n{\"cmd\":\"pong\",\"id\":1}\n{\"cmd\":\"ping\"}\n")
        #expect(await client.reads(5))
        #expect(client.story == ["ping", "?:bad_json", "?:bad_json", "pong:unknown_command", "ping"])
        house.close()
    }

    @Test @LoopActor func aLineThatIsTooLongIsRefusedOnce() async throws {
        let house = try House()
        let client = house.connect()
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: Limits.lineBytes + 100_000)
        #expect(await client.sendAll(line + Array("\n{\"cmd\":\"ping\"}\n".utf8)))
        #expect(await client.reads(2))
        #expect(client.story == ["?:line_too_long", "ping"])
        house.close()
    }

    @Test @LoopActor func aClientWithTooManyUnansweredCommandsIsNotRead() async throws {
        let house = try House()
        house.journal.holdsAdmissions = true
        let client = house.connect()
        for number in 0..<200 {
            client.send(#"{"cmd":"run","input":"hi","session_id":"s\#(number)","stream":"none","id":\#(number)}"#)
        }
        #expect(await eventually { house.journal.heldAdmissions.count == Limits.commands })
        await afterMilliseconds(10)
        #expect(house.journal.heldAdmissions.count == Limits.commands)
        house.journal.letAdmissionsGo()
        #expect(await client.reads(200))
        #expect(client.ids == (0..<200).map(String.init))
        house.close()
    }

    @Test @LoopActor func aConnectionStreamsSoManyRunsAndNoMore() async throws {
        let house = try House()
        let client = house.connect()
        for _ in 0..<Limits.streams { client.send(#"{"cmd":"run","input":"hi"}"#) }
        #expect(await eventually { house.provider.calls.count == Limits.streams })
        client.send(#"{"cmd":"run","input":"hi","id":"too many"}"#, #"{"cmd":"run","input":"hi","stream":"none"}"#)
        #expect(await client.reads { client.story.last == "run" && client.ids.contains("too many") })
        let refused = try #require(client.frames.first { $0["id"]?.string == "too many" })
        let error = try #require(refused["error"]?.object)
        #expect(error["code"]?.string == "overloaded" && error["retryable"]?.bool == true)
        #expect(error["message"]?.string?.contains("\(Limits.streams)") == true)
        // A stream that has ended makes room.
        house.provider.calls[0].end()
        #expect(await client.reads { client.story.contains("run_completed") })
        client.send(#"{"cmd":"run","input":"hi","id":"again"}"#)
        #expect(await client.reads { client.ids.contains("again") })
        #expect(client.frames.first { $0["id"]?.string == "again" }?["ok"]?.bool == true)
        house.close()
    }
}
