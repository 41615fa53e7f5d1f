import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// A name that the client chose makes the command safe to send again.
@Suite struct EngineNameTests {
    private let house = SimulatedHouse()

    private func finish(_ run: SimulatedRun) {
        for call in house.provider.calls(of: run.runID) where call.state == .open { call.end() }
        house.turn()
    }

    /// Sends a command, and once more when its run has come so far; gives the second answer.
    private func sendTwice(
        _ first: RunCommand, _ second: RunCommand? = nil, between: (SimulatedRun) -> Void = { _ in }
    ) -> SimulatedRun {
        let run = house.connect().run(first)
        house.turn()
        between(run)
        let again = house.connect().run(second ?? first)
        house.turn()
        return again
    }

    private func command(
        _ input: String = "hello", session: String? = "s1", user: String? = nil, agent: String? = nil,
        onBusy: BusyPolicy = .reject
    ) -> RunCommand {
        RunCommand(
            agent: agent.map(AgentName.init(trusted:)), input: input, sessionID: session.map(SessionID.init(trusted:)),
            userID: user.map(UserID.init(trusted:)), runID: RunID(trusted: "r1"), onBusy: onBusy)
    }

    private func expectOneRun() {
        #expect(house.journal.tables.runs.count == 1)
        #expect(house.provider.calls.count == 1)
        for call in house.provider.openCalls { call.end() }
        house.turn()
        house.expectRest()
    }

    // MARK: The same command

    @Test(arguments: BusyPolicy.allCases) func aLiveRunIsTheAnswerHoweverBusyItsSessionIs(_ policy: BusyPolicy) {
        let again = sendTwice(command(onBusy: policy))
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .running)
        #expect(again.acceptance?.runID.text == "r1" && again.acceptance?.sessionID.text == "s1")
        #expect(again.events.isEmpty)
        expectOneRun()
    }

    @Test func theSessionMayBeLeftOut() {
        let again = sendTwice(command(), command(session: nil))
        #expect(again.acceptance?.isExisting == true && again.acceptance?.sessionID.text == "s1")
        expectOneRun()
    }

    @Test func aFinishedRunIsTheAnswerForEver() {
        let again = sendTwice(command(), between: finish)
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .completed)
        house.crash()
        let afterwards = house.connect().run(command())
        #expect(afterwards.acceptance?.isExisting == true && afterwards.acceptance?.status == .completed)
        expectOneRun()
    }

    @Test func aFinishedRunIsTheAnswerThoughItsSessionIsBusyAgain() {
        let first = house.connect().run(command())
        house.turn()
        finish(first)
        let other = house.start("something else", session: "s1")
        let again = house.connect().run(command(onBusy: .replace))
        house.turn()
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .completed)
        #expect(other.terminal == nil)
        finish(other)
        house.expectRest()
    }

    @Test func aDaemonThatGoesDownStillKnowsItsRuns() {
        let again = sendTwice(
            command(),
            between: { run in
                house.engine.drain()
                finish(run)
            })
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .completed)
        #expect(house.connect().run(name: "r2").refusal?.code == .shuttingDown)
        expectOneRun()
    }

    @Test func aSecondOneWaitsForTheDecisionOnTheFirst() {
        house.journal.isHoldingAnswers = true
        let first = house.connect().run(command())
        let again = house.connect().run(command())
        house.turn()
        #expect(first.replies.isEmpty && again.replies.isEmpty && house.journal.openQuestions == 1)
        house.journal.answerNext()
        house.turn()
        #expect(first.acceptance?.isExisting == false)
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .running)
        expectOneRun()
    }

    @Test func aSecondOneIsTheFirstWhenThatIsRefused() {
        let live = house.start("something else", session: "s1")
        house.journal.isHoldingAnswers = true
        let first = house.connect().run(command())
        let again = house.connect().run(command(onBusy: .queue))
        house.journal.answerNext()
        #expect(first.refusal?.code == .sessionBusy)
        house.journal.isHoldingAnswers = false
        house.journal.answerNext()
        house.turn()
        #expect(again.acceptance?.isExisting == false && again.acceptance?.status == .queued)
        finish(live)
        finish(again)
        house.expectRest()
    }

    @Test func aSecondOneWhoseClientGoesMeanwhileIsStopped() {
        let live = house.start("something else", session: "s1")
        house.journal.isHoldingAnswers = true
        house.connect().run(command())
        let client = house.connect()
        client.run(command(onBusy: .queue))
        client.disconnect()
        house.journal.isHoldingAnswers = false
        while house.journal.openQuestions > 0 { house.journal.answerNext() }
        house.turn()
        #expect(house.journal.tables.runs[RunID(trusted: "r1")]?.record.cancelReason == .disconnect)
        finish(live)
        house.expectRest()
    }

    @Test func theReplyWaitsForTheFirstOnesAcceptance() {
        house.journal.isHoldingCommits = true
        house.connect().run(command())
        let again = house.connect().run(command())
        house.turn()
        #expect(again.replies.isEmpty)
        house.letCommitsGo()
        #expect(again.acceptance?.isExisting == true)
        expectOneRun()
    }

    @Test func aRunInLineIsTheAnswerWithItsPlace() {
        let live = house.start("something else", session: "s1")
        let again = sendTwice(command(onBusy: .queue))
        #expect(again.acceptance?.isExisting == true && again.acceptance?.status == .queued)
        #expect(again.acceptance?.position == 1)
        finish(live)
        #expect(house.provider.calls.count == 2)
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    // MARK: Another command

    @Test func anotherQuestionSessionUserOrAgentIsAConflict() {
        let others = [
            command("hello?"), command(session: "s2"), command(user: "u2"), command(agent: "helper"),
        ]
        let run = house.connect().run(command(user: "u1"))
        house.turn()
        for other in others { #expect(house.connect().run(other).refusal == nil) }
        house.turn()
        #expect(house.clients.flatMap(\.runs).dropFirst().allSatisfy { $0.refusal?.code == .runIDConflict })
        finish(run)
        for other in others { #expect(house.connect().run(other).refusal?.code == .runIDConflict) }
        #expect(house.connect().run(command(user: nil)).acceptance?.isExisting == true)
        expectOneRun()
    }

    @Test func theNameOfARefusedRunIsFree() {
        let live = house.start(session: "s1")
        #expect(house.connect().run(command()).refusal?.code == .sessionBusy)
        finish(live)
        let run = house.connect().run(command("another question"))
        house.turn()
        #expect(run.acceptance?.runID.text == "r1" && run.acceptance?.isExisting == false)
        finish(run)
        house.expectRest()
    }

    @Test func aNameThatCannotBeLookedUpIsFreeAgain() {
        let live = house.start(session: "s1")
        house.journal.nextFailure = AgentError(.storageError, "the disk is tired")
        #expect(house.connect().run(command(onBusy: .queue)).refusal?.code == .storageError)
        let run = house.connect().run(command(onBusy: .queue))
        house.turn()
        #expect(run.acceptance?.status == .queued)
        finish(live)
        finish(run)
        house.expectRest()
    }

    @Test func aSessionThatBecomesFreeDuringTheLookUpIsLookedUpItself() {
        let live = house.start("first", session: "s1")
        house.journal.isHoldingAnswers = true
        let run = house.connect().run(command("second"))
        house.provider.lastCall.say("answer")
        house.provider.lastCall.end()
        house.turn()
        #expect(live.terminal != nil && house.journal.openQuestions == 1)
        house.journal.answerNext()
        house.journal.answerNext()
        house.turn()
        #expect(house.told(house.provider.lastCall) == ["user: first", "assistant: answer", "user: second"])
        finish(run)
        house.expectRest()
    }
}
