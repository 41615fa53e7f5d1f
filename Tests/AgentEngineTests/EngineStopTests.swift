import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineStopTests {
    private let house = SimulatedHouse()
    private let note = "User halted response"

    @Test func aStopEndsARunWithItsTextAndItsMark() throws {
        let run = house.start("hello")
        let call = house.provider.lastCall
        call.say("Half")
        house.turn()
        let stop = house.connect().stop(run: run.runID, reason: "enough")
        #expect(call.state == .aborted)
        house.turn()
        #expect(stop.status == .stopping && stop.runID == run.runID)
        #expect(run.kinds == [.runStarted, .runContent, .runContent, .runCancelled])
        #expect(run.pieces == ["Half", "\n\n\(note)"])
        let terminal = try #require(run.terminal)
        #expect(terminal["status"] == "interrupted" && terminal["reason"] == "stop")
        #expect(terminal["message"] == "enough" && terminal.payload["forced"]?.bool == false)
        #expect(terminal.content == "Half\n\n\(note)")
        let answer = try #require(house.journal.tables.messages(of: run.runID).last)
        #expect(answer.interrupted && answer.error == nil && answer.content == "Half\n\n\(note)")
        house.expectRest()
    }

    @Test func whatArrivedWithTheStopIsKept() {
        let run = house.start("hello")
        house.provider.lastCall.think("hm")
        house.provider.lastCall.say("Half")
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(run.kinds == [.runStarted, .reasoningContent, .runContent, .runContent, .runCancelled])
        #expect(run.terminal?.content == "Half\n\n\(note)")
        house.expectRest()
    }

    @Test func theAbortDoesNotWaitForTheLedgerAndTheReplyDoes() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        let stop = house.connect().stop(run: run.runID)
        #expect(house.provider.lastCall.state == .aborted)
        house.turn()
        #expect(stop.replies.isEmpty && run.terminal == nil)
        house.letCommitsGo()
        #expect(stop.status == .stopping && run.terminal != nil)
        house.expectRest()
    }

    @Test func theModelRemembersAStoppedTurn() {
        let run = house.start("hello", session: "s1")
        house.provider.lastCall.say("Half")
        house.turn()
        house.connect().stop(run: run.runID)
        house.turn()
        house.converse("again", "fine", session: "s1")
        #expect(
            house.told(house.provider.lastCall) == ["user: hello", "assistant: Half\n\n\(note)", "user: again"])
        house.expectRest()
    }

    @Test func theModelRemembersATurnThatWasStoppedBeforeItsFirstWord() {
        let house = SimulatedHouse { $0.haltNote = "" }
        let run = house.start("hello", session: "s1")
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(run.kinds == [.runStarted, .runCancelled] && run.terminal?.content == "")
        house.converse("again", "fine", session: "s1")
        #expect(house.told(house.provider.lastCall) == ["user: hello", "assistant: [no answer]", "user: again"])
        house.expectRest()
    }

    @Test func theModelRemembersATurnThatWasStoppedAfterACall() {
        let run = house.start("hello", session: "s1")
        house.provider.lastCall.call("search")
        house.turn()
        house.connect().stop(run: run.runID)
        house.turn()
        house.converse("again", "fine", session: "s1")
        #expect(
            house.told(house.provider.lastCall)
                == ["user: hello", "assistant: \(note)", "tool: there is no tool named search", "user: again"])
        house.expectRest()
    }

    @Test func aSecondStopHearsHowTheFirstEnds() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        let first = house.connect().stop(run: run.runID)
        let second = house.connect().stop(run: run.runID)
        house.turn()
        #expect(first.replies.isEmpty && second.replies.isEmpty)
        house.letCommitsGo()
        #expect(first.status == .stopping)
        #expect(second.status == .interrupted)
        #expect(house.journal.tables.events[run.runID]?.filter(\.kind.isTerminal).count == 1)
        house.expectRest()
    }

    @Test func aRunThatHasFinishedAndIsNotCommittedStaysFinished() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.say("fine")
        house.provider.lastCall.end()
        house.turn()
        let stop = house.connect().stop(run: run.runID)
        #expect(stop.replies.isEmpty)
        house.journal.isHoldingCommits = false
        house.journal.release()
        #expect(!house.engine.isQuiet)
        house.turn()
        #expect(stop.status == .completed)
        #expect(run.terminal?.kind == .runCompleted)
        house.expectRest()
    }

    @Test func aFinishedRunTellsItsStatus() {
        let run = house.converse("hello", "fine", session: "s1")
        #expect(house.connect().stop(run: run.runID).status == .completed)
        #expect(house.connect().stop(session: run.sessionID).status == .completed)
        #expect(house.connect().stop(run: run.runID, session: run.sessionID).status == .completed)
        house.expectRest()
    }

    @Test func aSessionsLiveRunIsStopped() {
        house.converse("hello", "fine", session: "s1")
        let run = house.start("again", session: "s1")
        let stop = house.connect().stop(session: run.sessionID)
        house.turn()
        #expect(stop.runID == run.runID && stop.status == .stopping)
        #expect(run.terminal?.kind == .runCancelled)
        house.expectRest()
    }

    @Test func whatIsNotThereCannotBeStopped() {
        let client = house.connect()
        #expect(client.stop(run: RunID(trusted: "nothing")).refusal?.code == .runNotFound)
        #expect(client.stop(session: SessionID(trusted: "nothing")).refusal?.code == .runNotActive)
        #expect(client.stop().refusal?.code == .invalidParams)
        house.expectRest()
    }

    @Test(arguments: [true, false]) func anotherUsersRunIsLikeAMissingOne(isLive: Bool) {
        let run = house.start("hello", session: "s1", user: "u1")
        let call = house.provider.lastCall
        if !isLive {
            call.end()
            house.turn()
        }
        let client = house.connect()
        #expect(client.stop(run: run.runID, user: "u2").refusal?.code == .runNotFound)
        #expect(client.stop(session: run.sessionID, user: "u2").refusal?.code == .runNotActive)
        #expect(house.provider.openCalls.count == (isLive ? 1 : 0))
        #expect(client.stop(run: run.runID, user: "u1").refusal == nil)
        house.turn()
        house.expectRest()
    }

    @Test(arguments: [true, false]) func aRunIsNotStoppedThroughAnotherSession(isLive: Bool) {
        let run = house.start("hello", session: "s1")
        if !isLive {
            house.provider.lastCall.end()
            house.turn()
        }
        let stop = house.connect().stop(run: run.runID, session: SessionID(trusted: "s2"))
        #expect(stop.refusal?.code == .runNotActive)
        #expect(house.provider.openCalls.count == (isLive ? 1 : 0))
        house.connect().stop(run: run.runID)
        house.turn()
        house.expectRest()
    }

    @Test func aRunIsStoppedBeforeItsAcceptanceIsCommitted() {
        house.journal.isHoldingCommits = true
        let client = house.connect()
        let run = client.run("hello", session: "s1", name: "r1")
        house.turn()
        let stop = client.stop(run: RunID(trusted: "r1"))
        house.turn()
        #expect(run.replies.isEmpty && stop.replies.isEmpty)
        house.letCommitsGo()
        #expect(stop.status == .stopping)
        #expect(run.kinds == [.runStarted, .runContent, .runCancelled])
        #expect(house.provider.calls.isEmpty)
        #expect(run.terminal?.payload["usage"]?.object?["requests"]?.int64 == 0)
        house.expectRest()
    }

    @Test func aRunIsStoppedInTheTurnThatAcceptsIt() {
        let client = house.connect()
        let run = client.run("hello", name: "r1")
        let stop = client.stop(run: RunID(trusted: "r1"))
        house.turn()
        #expect(stop.status == .stopping && run.terminal?.kind == .runCancelled)
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }

    @Test(arguments: [true, false]) func aRunIsStoppedWhileItIsLookedUp(byName: Bool) {
        house.journal.isHoldingAnswers = true
        let client = house.connect()
        let run = client.run("hello", session: "s1", name: "r1")
        let stop = client.stop(
            run: byName ? RunID(trusted: "r1") : nil, session: byName ? nil : SessionID(trusted: "s1"))
        house.journal.answerNext()
        house.turn()
        #expect(stop.status == .stopping && stop.runID?.text == "r1")
        #expect(run.terminal?.kind == .runCancelled)
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }

    @Test func aStopOfARunThatIsRefusedAfterItsLookUpFindsNoRun() {
        house.journal.isHoldingAnswers = true
        house.journal.nextFailure = AgentError(.storageError, "the disk is tired")
        let client = house.connect()
        client.run("hello", session: "s1", name: "r1")
        let stop = client.stop(run: RunID(trusted: "r1"))
        while house.journal.openQuestions > 0 { house.journal.answerNext() }
        #expect(stop.refusal?.code == .runNotFound)
        house.expectRest()
    }

    @Test func anotherUserDoesNotStopARunThatIsLookedUp() {
        house.journal.isHoldingAnswers = true
        let client = house.connect()
        client.run("hello", session: "s1", user: "u1", name: "r1")
        let stop = client.stop(run: RunID(trusted: "r1"), user: "u2")
        while house.journal.openQuestions > 0 { house.journal.answerNext() }
        house.turn()
        #expect(house.provider.openCalls.count == 1)
        house.provider.lastCall.end()
        house.turn()
        while house.journal.openQuestions > 0 { house.journal.answerNext() }
        #expect(stop.refusal?.code == .runNotFound)
        house.expectRest()
    }

    @Test func aStopThatOvertookALaterRunDoesNotCallItRunning() {
        house.converse("hello", "fine", session: "s1")
        house.journal.isHoldingAnswers = true
        let stop = house.connect().stop(session: SessionID(trusted: "s1"))
        house.journal.isHoldingAnswers = false
        let run = house.start("again", session: "s1")
        house.journal.answerNext()
        house.turn()
        #expect(stop.status == .stopping && stop.runID == run.runID)
        house.expectRest()
    }
}
