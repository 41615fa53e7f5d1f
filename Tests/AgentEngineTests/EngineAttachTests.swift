import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

@Suite struct EngineAttachTests {
    private let house = SimulatedHouse()

    /// A run that has said something in so many turns, and is still live.
    private func speaking(_ pieces: String..., session: String = "s1") -> SimulatedRun {
        let run = house.start("hello", session: session)
        for piece in pieces {
            house.provider.lastCall.say(piece)
            house.turn()
        }
        return run
    }

    private func end() {
        house.provider.lastCall.end()
        house.turn()
    }

    private func attach(
        _ run: SimulatedRun, after: AttachPosition = .seq(0), stream: StreamMode = .full, hasRoom: Bool = true
    ) -> SimulatedStream {
        let stream = house.connect().attach(run: run.runID, after: after, stream: stream, hasRoom: hasRoom)
        house.turn()
        return stream
    }

    private func expectSame(_ stream: SimulatedStream, _ events: some Sequence<RecordedEvent>) {
        #expect(stream.events == Array(events))
        house.expectRest()
    }

    @Test(arguments: 0...5) func aFinishedRunIsReadOutFromAnyPlace(_ after: Int) {
        let run = speaking("He", "ll", "o")
        end()
        expectSame(attach(run, after: .seq(Int64(after))), run.events.dropFirst(after))
    }

    @Test(arguments: 0...3) func aLiveRunIsReadOutAndGoesOnWithoutGapOrDouble(_ after: Int) {
        let run = speaking("He", "ll")
        let stream = attach(run, after: .seq(Int64(after)))
        #expect(stream.attachment?.lastSeq == 3 && stream.attachment?.status == .running)
        house.provider.lastCall.say("o")
        house.turn()
        end()
        expectSame(stream, run.events.dropFirst(after))
    }

    @Test func theTailIsWhatComesFromNowOn() {
        let run = speaking("He", "ll")
        let stream = attach(run, after: .tail)
        #expect(stream.events.isEmpty)
        house.provider.lastCall.say("o")
        end()
        expectSame(stream, run.events.dropFirst(3))
    }

    @Test(arguments: [AttachPosition.tail, .seq(3)]) func nothingComesAfterTheEnd(_ after: AttachPosition) {
        let run = speaking("hi")
        end()
        let stream = attach(run, after: after)
        #expect(stream.attachment?.cursor == nil && stream.attachment?.status == .completed)
        expectSame(stream, [])
    }

    @Test func aPlaceThatIsNotThereYetIsRefused() {
        let run = speaking("hi")
        #expect(attach(run, after: .seq(3)).refusal?.code == .seqOutOfRange)
        end()
        #expect(attach(run, after: .seq(4)).refusal?.code == .seqOutOfRange)
        house.expectRest()
    }

    @Test func stepsThatAreClosedComeFromTheLedgerAndTheOpenOneFromMemory() {
        let run = speaking("Let me ", "look.")
        house.provider.lastCall.think("hm")
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.turn()
        house.provider.lastCall.think("so")
        house.provider.lastCall.say("Found ")
        house.turn()
        house.provider.lastCall.call("send")
        house.provider.lastCall.say("it.")
        house.turn()
        let streams = (0...run.events.count).map { attach(run, after: .seq(Int64($0))) }
        end()
        house.provider.lastCall.say("Done.")
        end()
        for (after, stream) in streams.enumerated() { #expect(stream.events == Array(run.events.dropFirst(after))) }
        #expect(attach(run).events == run.events)
        house.expectRest()
    }

    @Test func aStreamOfTheEndHearsTheEndOnly() {
        let run = speaking("hi")
        let early = attach(run, stream: .final)
        end()
        let late = attach(run, stream: .final)
        #expect(early.events.map(\.kind) == [.runCompleted] && late.events == early.events)
        house.expectRest()
    }

    @Test func whoWantsNoStreamGetsTheReply() {
        let run = speaking("hi")
        let stream = attach(run, stream: .none)
        #expect(stream.attachment?.lastSeq == 2 && stream.attachment?.cursor == nil)
        end()
        house.expectRest()
    }

    @Test func aClientWithoutRoomHoldsItsPlaceAndNothingElse() {
        let run = speaking("a", "b")
        let client = house.connect()
        let stream = client.attach(run: run.runID, hasRoom: false)
        house.turn()
        house.provider.lastCall.say("c")
        house.turn()
        #expect(stream.events.isEmpty)
        client.read(stream)
        #expect(stream.seqs == [1, 2, 3, 4])
        house.provider.lastCall.say("d")
        end()
        expectSame(stream, run.events)
    }

    @Test func aClientThatReadsOnAfterTheEndMissesNothing() {
        let run = speaking("a", "b")
        let client = house.connect()
        let stream = client.attach(run: run.runID, hasRoom: false)
        house.turn()
        end()
        client.read(stream)
        expectSame(stream, run.events)
    }

    @Test func whatHappensWhileTheLedgerIsAskedIsNotMissed() {
        let run = speaking("a")
        house.journal.isHoldingAnswers = true
        let stream = attach(run)
        house.provider.lastCall.say("b")
        house.turn()
        house.journal.answerNext()
        house.provider.lastCall.say("c")
        house.turn()
        house.journal.isHoldingAnswers = false
        house.journal.answerNext()
        end()
        expectSame(stream, run.events)
    }

    @Test func aRunThatEndsWhileTheLedgerIsAskedIsReadToItsEnd() {
        let run = speaking("a")
        house.journal.isHoldingAnswers = true
        let stream = attach(run)
        house.journal.isHoldingAnswers = false
        end()
        house.journal.answerNext()
        expectSame(stream, run.events)
    }

    @Test func aSessionMeansItsLiveRunElseItsLatest() {
        let first = speaking("a")
        end()
        let session = first.sessionID
        let finished = house.connect().attach(session: session)
        house.turn()
        #expect(finished.attachment?.runID == first.runID)
        let second = speaking("b")
        let live = house.connect().attach(session: session)
        house.turn()
        #expect(live.attachment?.runID == second.runID)
        end()
        house.expectRest()
    }

    @Test func anotherUsersRunIsLikeAMissingOne() {
        let run = house.start("hello", session: "s1", user: "u1")
        let client = house.connect()
        let foreign = client.attach(run: run.runID, user: "u2")
        let missing = client.attach(run: RunID(trusted: "r9"), user: "u2")
        let session = client.attach(session: SessionID(trusted: "s1"), user: "u2")
        house.turn()
        #expect(foreign.refusal?.code == .runNotFound && missing.refusal?.code == .runNotFound)
        #expect(session.refusal?.code == .sessionNotFound)
        let own = client.attach(run: run.runID, user: "u1")
        end()
        #expect(own.isOver)
        house.expectRest()
    }

    @Test func aRunOfAnotherSessionIsRefused() {
        let run = speaking("a")
        let stream = house.connect().attach(run: run.runID, session: SessionID(trusted: "s2"))
        house.turn()
        #expect(stream.refusal?.code == .runNotFound)
        end()
        house.expectRest()
    }

    @Test func whatIsOnItsWayToTheLedgerIsNotReadOut() {
        let run = speaking("a")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.say("b")
        house.turn()
        let stream = attach(run)
        #expect(stream.attachment == nil)
        house.letCommitsGo()
        #expect(stream.seqs == [1, 2, 3])
        end()
        expectSame(stream, run.events)
    }

    /// A reader of the ledger may see what the engine has not heard to be committed.
    @Test func whatWasReadFromTheLedgerIsNotToldASecondTime() {
        let run = house.start("hello", session: "s1")
        house.provider.lastCall.call("search")
        house.turn()
        let client = house.connect()
        let stream = client.attach(run: run.runID, hasRoom: false)
        house.turn()
        house.journal.isHoldingCommits = true
        house.provider.lastCall.call("send")
        house.turn()
        house.journal.write()
        client.read(stream)
        #expect(stream.seqs == [1, 2, 3, 4, 5])
        house.letCommitsGo()
        end()
        end()
        expectSame(stream, run.events)
    }

    @Test func aCrashedRunIsReadOutWithItsNewEnd() {
        let run = speaking("Half")
        house.crash()
        let stream = attach(run)
        #expect(stream.events.map(\.kind) == [.runStarted, .runContent, .runContent, .runError])
        #expect(Array(stream.events.prefix(2)) == run.events)
        house.expectRest()
    }

    @Test func lettingGoOfARunKeepsItWhenTheClientGoesAway() {
        let client = house.connect()
        let run = client.run("hello")
        house.turn()
        var reply: Result<RunID, AgentError>?
        house.engine.detach(DetachCommand(runID: run.runID), client: client.id) { reply = $0 }
        house.turn()
        #expect(reply == .success(run.runID))
        client.disconnect()
        end()
        #expect(house.journal.tables.runs[run.runID]?.record.status == .completed)
        house.expectRest()
    }

    @Test func anotherClientCannotLetGoOfIt() {
        let client = house.connect()
        let run = client.run("hello")
        house.turn()
        house.engine.detach(DetachCommand(runID: run.runID), client: house.connect().id) { _ in }
        client.disconnect()
        house.turn()
        #expect(house.journal.tables.runs[run.runID]?.record.status == .interrupted)
        house.expectRest()
    }

    @Test func aStreamBreaksOffWhenTheLedgerCannotBeRead() {
        let run = speaking("a")
        end()
        let stream = attach(run, hasRoom: false)
        house.journal.nextFailure = AgentError(.storageError, "no")
        stream.sink?.hasRoom = true
        if let cursor = stream.attachment?.cursor { house.engine.resume(cursor) }
        stream.isCut = true
        #expect(stream.sink?.breach == "storage_error" && stream.events.isEmpty)
    }

    @Test func aStreamOfALiveRunWhoseLogIsLostBreaksOff() {
        let run = speaking("a")
        house.journal.hasLostLogs = true
        let stream = attach(run)
        stream.isCut = true
        #expect(stream.sink?.breach == "storage_error" && stream.events.isEmpty)
        house.journal.hasLostLogs = false
        end()
        house.expectRest()
    }
}
