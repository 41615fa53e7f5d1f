import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineAdmissionTests {
    private let house = SimulatedHouse()

    private func finish(_ run: SimulatedRun) {
        for call in house.provider.calls(of: run.runID) where call.state == .open { call.end() }
        house.turn()
    }

    @Test func theReplyWaitsForTheLedgerAndComesBeforeEveryEvent() {
        house.journal.isHoldingCommits = true
        let run = house.connect().run("hello")
        house.turn()
        house.journal.write()
        #expect(run.replies.isEmpty && run.events.isEmpty && house.provider.calls.isEmpty)
        house.journal.acknowledge()
        #expect(run.acceptance?.status == .running)
        #expect(run.kinds == [.runStarted])
        #expect(house.told(house.provider.lastCall) == ["user: hello"])
        house.journal.isHoldingCommits = false
        finish(run)
        house.expectRest()
    }

    @Test func theFirstEventSaysWhatWasAskedAndWhoAnswers() throws {
        let run = house.start("hello")
        let event = try #require(run.events.first)
        #expect(event.seq == 1 && event["agent"] == "helper" && event["model"] == "model-1")
        #expect(event["provider"] == "simulated" && event["input"] == "hello" && event["status"] == "running")
        #expect(event["user_message_id"] == house.journal.tables.messages(of: run.runID).first?.messageID.text)
        #expect(house.provider.lastCall.request.instructions == "You are the helper.")
        finish(run)
        house.expectRest()
    }

    @Test func anUnknownAgentIsRefused() {
        let run = house.connect().run(agent: "nobody")
        #expect(run.refusal?.code == .agentNotFound)
        house.expectRest()
    }

    @Test func theSessionsAgentAnswersWhenNoneIsNamed() throws {
        let client = house.connect()
        let first = client.run(session: "s1", agent: "clerk")
        house.turn()
        finish(first)
        let second = client.run(session: "s1")
        house.turn()
        #expect(second.events.first?["agent"] == "clerk")
        finish(second)
        house.expectRest()
    }

    @Test func anotherAgentThanTheSessionsIsRefused() {
        house.converse("hello", "fine", session: "s1")
        let run = house.connect().run(session: "s1", agent: "clerk")
        #expect(run.refusal?.code == .invalidParams)
        #expect(run.refusal?.fields["field"]?.string == "agent")
        house.expectRest()
    }

    // MARK: Users

    @Test(arguments: ["u2", nil] as [String?]) func theSessionOfAnotherUserIsLikeAMissingOne(_ owner: String?) {
        finish(house.start(session: "s1", user: owner))
        let run = house.connect().run(session: "s1", user: "u1")
        #expect(run.refusal?.code == .sessionNotFound)
        #expect(house.journal.tables.runs.count == 1)
        house.expectRest()
    }

    @Test func thatAnotherUsersSessionIsBusyIsNotTold() {
        let live = house.start(session: "s1", user: "u2")
        let run = house.connect().run(session: "s1", user: "u1")
        #expect(run.refusal?.code == .sessionNotFound)
        finish(live)
        house.expectRest()
    }

    @Test func theHostItselfSpeaksForTheSessionsUser() {
        finish(house.start(session: "s1", user: "u1"))
        let run = house.start(session: "s1")
        #expect(house.journal.tables.runs[run.runID]?.record.userID?.text == "u1")
        finish(run)
        house.expectRest()
    }

    // MARK: Busy

    @Test func aBusySessionNamesItsRun() {
        let live = house.start(session: "s1")
        let run = house.connect().run(session: "s1")
        #expect(run.refusal?.code == .sessionBusy)
        #expect(run.refusal?.fields["active_run_id"]?.string == live.runID.text)
        #expect(run.refusal?.fields["active_status"]?.string == "running")
        finish(live)
        #expect(house.start(session: "s1").refusal == nil)
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aSessionIsBusyUntilTheEndIsCommitted() {
        let live = house.start(session: "s1")
        house.journal.isHoldingCommits = true
        finish(live)
        #expect(house.connect().run(session: "s1").refusal?.code == .sessionBusy)
        house.letCommitsGo()
        finish(house.start(session: "s1"))
        house.expectRest()
    }

    @Test func ofTwoAtTheSameMomentOnANewSessionOneIsLetIn() {
        house.journal.isHoldingAnswers = true
        let first = house.connect().run(session: "s1")
        let second = house.connect().run(session: "s1")
        #expect(house.journal.openQuestions == 1)
        house.journal.answerNext()
        house.turn()
        #expect(first.acceptance != nil)
        #expect(second.refusal?.code == .sessionBusy)
        #expect(second.refusal?.fields["active_run_id"]?.string == first.runID.text)
        #expect(house.journal.openQuestions == 0)
        finish(first)
        house.expectRest()
    }

    @Test func ofTwoAtTheSameMomentTheSecondIsLetInWhenTheFirstIsRefused() {
        house.converse("hello", "fine", session: "s1")
        house.journal.isHoldingAnswers = true
        let first = house.connect().run(session: "s1", agent: "clerk")
        let second = house.connect().run(session: "s1")
        house.journal.answerNext()
        #expect(first.refusal?.code == .invalidParams)
        house.journal.answerNext()
        house.turn()
        #expect(second.acceptance != nil)
        finish(second)
        house.expectRest()
    }

    @Test func oneWhoWaitedDoesNotLearnThatAnotherUserWasFaster() {
        house.journal.isHoldingAnswers = true
        let first = house.connect().run(session: "s1", user: "u1")
        let second = house.connect().run(session: "s1", user: "u2")
        house.journal.answerNext()
        house.turn()
        #expect(second.refusal?.code == .sessionNotFound)
        finish(first)
        house.expectRest()
    }

    // MARK: Clients

    @Test func aClientThatGoesWhileItsRunIsLookedUpStopsIt() {
        house.journal.isHoldingAnswers = true
        let client = house.connect()
        client.run(session: "s1", name: "r1")
        client.disconnect()
        house.journal.answerNext()
        house.turn()
        let row = house.journal.tables.runs[RunID(trusted: "r1")]?.record
        #expect(row?.status == .interrupted && row?.cancelReason == .disconnect)
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }

    @Test func aClientThatGoesWhileItsUnboundRunIsLookedUpStopsNothing() {
        house.journal.isHoldingAnswers = true
        let client = house.connect()
        let run = client.run(session: "s1", name: "r1", stream: .none)
        client.disconnect()
        house.journal.answerNext()
        house.turn()
        #expect(house.provider.openCalls.count == 1)
        finish(run)
        house.expectRest()
    }

    // MARK: The daemon's state

    @Test func aDaemonThatGoesDownTakesNoRun() {
        house.engine.drain()
        #expect(house.engine.isDraining)
        #expect(house.connect().run().refusal?.code == .shuttingDown)
        house.expectRest()
    }

    @Test func aDaemonThatBeginsToGoDownDuringTheLookUpTakesNoRun() {
        house.journal.isHoldingAnswers = true
        let run = house.connect().run(session: "s1")
        house.engine.drain()
        house.journal.answerNext()
        #expect(run.refusal?.code == .shuttingDown)
        house.expectRest()
    }

    @Test func aLedgerThatCannotAnswerLeavesTheSessionFree() {
        house.journal.nextFailure = AgentError(.storageError, "the disk is tired")
        let run = house.connect().run(session: "s1")
        #expect(run.refusal?.code == .storageError)
        finish(house.start(session: "s1"))
        house.expectRest()
    }

    @Test func noMoreRunsAreTakenThanMayBeLive() {
        house.journal.isHoldingCommits = true
        let client = house.connect()
        for _ in 0..<Limits.liveRuns { client.run(stream: .none) }
        #expect(client.runs.allSatisfy { $0.replies.isEmpty })
        #expect(house.engine.liveRuns == Limits.liveRuns)
        let run = client.run()
        #expect(run.refusal?.code == .overloaded && run.refusal?.retryable == true)
        #expect(run.refusal?.fields["retry_after_ms"]?.int64 == 1000)
    }
}
