import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

/// The ways in which a connection ends, and what they stop.
@Suite struct ConnectionEndTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func aHalfClosedClientIsKeptAliveAndToldEverything() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        client.halfClose()
        #expect(await client.reads(2))
        let beforeSilence = client.received.count
        #expect(await client.reads { client.received.count >= beforeSilence + 2 })
        #expect(client.received[beforeSilence...].allSatisfy { $0 == UInt8(ascii: " ") })
        #expect(house.provider.calls[0].state == .open)
        #expect(!client.isAtEnd)
        house.provider.calls[0].say("Hello")
        house.provider.calls[0].end()
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["run", "run_started", "run_content", "run_completed"])
        #expect(house.server.connectionCount == 0)
        house.close()
    }

    @Test @LoopActor func anOpenClientGetsNoSpaces() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await client.reads(2))
        let before = client.received.count
        await afterMilliseconds(600)
        client.read()
        #expect(client.received.count == before)
        house.close()
    }

    @Test @LoopActor func pagesOfAClientThatIsGoneAreNotWantedAnyMore() async throws {
        let house = try House()
        house.journal.holdsReads = true
        let (gone, patient) = (house.connect(), house.connect())
        for client in [gone, patient] {
            client.send(#"{"cmd":"list"}"#)
            client.halfClose()
        }
        #expect(await eventually { house.journal.isReadWanted.count == 2 })
        #expect(house.journal.isReadWanted.allSatisfy { $0() })
        gone.close()
        #expect(await eventually { house.journal.isReadWanted.filter { $0() }.count == 1 })
        // An answer comes all the same, and finds nobody.
        house.journal.answerRead(1)
        house.journal.answerRead(0)
        #expect(await patient.readsToTheEnd())
        #expect(patient.story == ["list"])
        house.close()
    }

    @Test @LoopActor func aSlowReplyIsWaitedForWithSpacesToo() async throws {
        let house = try House()
        house.journal.holdsReads = true
        let client = house.connect()
        client.send(#"{"cmd":"list"}"#)
        client.halfClose()
        #expect(await client.reads { client.received.count >= 2 })
        #expect(client.received.allSatisfy { $0 == UInt8(ascii: " ") })
        house.journal.answerRead(0)
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["list"])
        house.close()
    }

    @Test @LoopActor func theLastLineNeedsNoEnd() async throws {
        let house = try House()
        let client = house.connect()
        client.sendRaw(#"{"cmd":"ping"}"#)
        client.halfClose()
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["ping"])
        house.close()
    }

    @Test @LoopActor func aClientThatSaysNothingAndHalfClosesIsLetGo() async throws {
        let house = try House()
        let client = house.connect()
        client.halfClose()
        #expect(await client.readsToTheEnd())
        #expect(client.received.isEmpty)
        house.close()
    }

    @Test @LoopActor func moreCommandsThanMayBeUnansweredAreAllDoneAfterAHalfClose() async throws {
        let house = try House()
        house.journal.holdsAdmissions = true
        let client = house.connect()
        for number in 0..<150 {
            client.send(#"{"cmd":"run","input":"hi","session_id":"s\#(number)","stream":"none","id":\#(number)}"#)
        }
        client.halfClose()
        #expect(await eventually { house.journal.heldAdmissions.count == Limits.commands })
        house.journal.letAdmissionsGo()
        #expect(await client.readsToTheEnd())
        #expect(client.ids == (0..<150).map(String.init))
        house.close()
    }

    @Test @LoopActor func whatComesAfterTheLastCommandIsDiscarded() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"ping","id":1}"#, #"{"cmd":"run","input":"hi","close":true,"id":2}"#, #"{"cmd":"ping","id":3}"#,
            "not json")
        #expect(await client.reads(3))
        client.send(#"{"cmd":"ping","id":4}"#)
        await afterMilliseconds(5)
        house.provider.calls[0].end()
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["ping", "run", "run_started", "run_completed"])
        #expect(client.ids == ["1", "2", "2", "2"])
        house.close()
    }

    @Test @LoopActor func aRefusedCommandMayBeTheLastToo() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","close":true}"#, #"{"cmd":"ping"}"#)
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["run:invalid_params"])
        house.close()
    }

    @Test @LoopActor func aHangUpStopsWhatIsBoundToTheClient() async throws {
        let house = try House()
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"hi","run_id":"bound"}"#,
            #"{"cmd":"run","input":"hi","run_id":"free","on_disconnect":"continue"}"#,
            #"{"cmd":"run","input":"hi","run_id":"none","stream":"none"}"#,
            #"{"cmd":"run","input":"hi","run_id":"none-bound","stream":"none","on_disconnect":"stop"}"#)
        #expect(await eventually { house.provider.calls.count == 4 })
        client.close()
        #expect(await eventually { house.journal.ended.count == 2 })
        await afterMilliseconds(5)
        #expect(Set(house.journal.ended.map(\.runID.text)) == ["bound", "none-bound"])
        #expect(house.journal.ended.allSatisfy { $0.status == .interrupted && $0.cancelReason == .disconnect })
        #expect(house.provider.calls.filter { $0.state == .aborted }.count == 2)
        #expect(house.engine.liveRuns == 2)
        #expect(house.server.connectionCount == 0)
        house.close()
    }

    @Test @LoopActor func aHangUpAfterAHalfCloseIsADisconnectToo() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        client.halfClose()
        #expect(await client.reads(2))
        client.close()
        #expect(await eventually { house.journal.ended.first?.cancelReason == .disconnect })
        house.close()
    }

    /// Between the decision and the disk the client does not know the run's name yet, and its hang-up counts all the same.
    @Test @LoopActor func aHangUpBeforeTheAcceptanceIsCommittedStopsTheRun() async throws {
        let house = try House()
        house.journal.holdsCommits = true
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await eventually { house.journal.heldBatch != nil })
        client.close()
        #expect(await eventually { house.server.connectionCount == 0 })
        house.journal.letCommitsGo()
        #expect(await eventually { house.journal.ended.first?.cancelReason == .disconnect })
        #expect(house.engine.liveRuns == 0)
        house.close()
    }

    @Test @LoopActor func aHangUpBeforeTheDecisionStopsTheRun() async throws {
        let house = try House()
        house.journal.holdsAdmissions = true
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi","session_id":"s1"}"#)
        #expect(await eventually { house.journal.heldAdmissions.count == 1 })
        client.close()
        #expect(await eventually { house.server.connectionCount == 0 })
        house.journal.letAdmissionsGo()
        #expect(await eventually { house.journal.ended.first?.cancelReason == .disconnect })
        #expect(house.provider.calls.isEmpty)
        house.close()
    }

    @Test @LoopActor func whatWasSentBeforeTheHangUpIsDone() async throws {
        let house = try House()
        let client = house.connect()
        for number in 1...100 {
            client.send(#"{"cmd":"run","input":"hi","stream":"none","run_id":"r\#(number)"}"#)
        }
        client.sendRaw(#"{"cmd":"run","input":"hi","stream":"none","run_id":"last"}"#)
        client.close()
        #expect(await eventually { house.journal.accepted.count == 101 })
        #expect(house.journal.accepted.contains(RunID(trusted: "last")))
        #expect(await eventually { house.provider.calls.count == 101 && house.server.connectionCount == 0 })
        #expect(house.journal.ended.isEmpty)
        house.close()
    }

    @Test @LoopActor func aCloseByTheDaemonStopsNothing() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi","stream":"none","on_disconnect":"stop","close":true}"#)
        #expect(await client.readsToTheEnd())
        #expect(client.story == ["run"])
        #expect(house.server.connectionCount == 0)
        await afterMilliseconds(5)
        #expect(house.engine.liveRuns == 1)
        house.provider.calls[0].end()
        #expect(await eventually { house.journal.ended.first?.status == .completed })
        house.close()
    }

    @Test @LoopActor func aClientThatHasHungUpGetsNothingAndHarmsNobody() async throws {
        let house = try House()
        let (gone, here) = (house.connect(), house.connect())
        gone.send(#"{"cmd":"run","input":"hi","on_disconnect":"continue"}"#)
        here.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await eventually { house.provider.calls.count == 2 })
        gone.close()
        #expect(await eventually { house.server.connectionCount == 1 })
        for call in house.provider.calls {
            call.say("x")
            call.end()
        }
        #expect(await here.reads(4))
        #expect(here.story.last == "run_completed")
        house.close()
    }
}
