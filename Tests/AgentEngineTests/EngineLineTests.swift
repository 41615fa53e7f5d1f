import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// Runs that wait: behind the live one of their session, or for a slot.
@Suite struct EngineLineTests {
    private var house = SimulatedHouse()
    private let note = "User halted response"

    private func finish(_ run: SimulatedRun, saying answer: String = "") {
        for call in house.provider.calls(of: run.runID) where call.state == .open {
            call.say(answer)
            call.end()
        }
        house.turn()
    }

    private func queue(_ input: String, session: String = "s1", onBusy: BusyPolicy = .queue) -> SimulatedRun {
        house.start(input, session: session, onBusy: onBusy)
    }

    private func row(_ run: SimulatedRun) -> RunRecord? { house.journal.tables.runs[run.runID]?.record }

    private func told(_ run: SimulatedRun) -> [String] {
        house.provider.calls(of: run.runID).last.map(house.told) ?? []
    }

    /// The session's messages, in their order.
    private func story(_ session: String = "s1") -> [String] {
        house.journal.tables.messages[SessionID(trusted: session), default: []].map(\.content)
    }

    // MARK: Queue

    /// Its log keeps nothing of when it began: its row must say what was told.
    @Test func aRunBeginsAtOneTimeHoweverSlowTheMachine() {
        house.environment.isTicking = true
        let first = queue("one")
        let second = queue("two")
        finish(first, saying: "1")
        finish(second, saying: "2")
        #expect(row(second)?.status == .completed)
        house.expectRest()
    }

    @Test func aQueuedRunBeginsWhenTheOneBeforeItHasEnded() throws {
        let first = queue("one")
        let second = queue("two")
        let third = queue("three")
        #expect(first.acceptance?.status == .running && first.acceptance?.position == nil)
        #expect([second, third].map(\.acceptance?.status) == [.queued, .queued])
        #expect([second, third].map(\.acceptance?.position) == [1, 2])
        #expect(second.kinds == [.runQueued] && third.events.first?.payload["position"]?.int64 == 2)
        #expect(third.events.first?["status"] == "queued")
        #expect(house.engine.queuedRuns == 2 && house.engine.liveRuns == 1)
        #expect(row(second)?.startedAt == nil)
        house.environment.advance(by: .seconds(5))
        finish(first, saying: "1")
        #expect(second.kinds == [.runQueued, .runStarted] && second.events.map(\.seq) == [1, 2])
        #expect(second.events.last?["input"] == "two" && second.events.last?["status"] == "running")
        let begun = try #require(row(second))
        #expect(begun.status == .running && begun.model == "model-1")
        #expect(begun.startedAt.map { $0.milliseconds - begun.createdAt.milliseconds } == 5000)
        #expect(told(second) == ["user: one", "assistant: 1", "user: two"])
        #expect(third.kinds == [.runQueued])
        finish(second, saying: "2")
        finish(third, saying: "3")
        #expect(told(third) == ["user: one", "assistant: 1", "user: two", "assistant: 2", "user: three"])
        #expect(story() == ["one", "1", "two", "2", "three", "3"])
        house.expectRest()
    }

    @Test func aQuestionInLineStandsBehindAllThatIsSaidBeforeIt() {
        let first = queue("one")
        house.provider.lastCall.call("search")
        let second = queue("two")
        house.provider.lastCall.end()
        house.turn()
        finish(first, saying: "1")
        #expect(story() == ["one", "", "there is no tool named search", "1", "two"])
        finish(second, saying: "2")
        house.expectRest()
    }

    @Test func aQueuedRunDoesNotBeginBeforeItsAcceptanceIsWritten() {
        let first = queue("one")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.end()
        house.turn()
        let second = house.connect().run("two", session: "s1", onBusy: .queue)
        house.turn()
        house.journal.release()
        #expect(first.terminal != nil && second.replies.isEmpty && house.journal.openQuestions == 0)
        house.letCommitsGo()
        #expect(second.kinds == [.runQueued, .runStarted])
        finish(second)
        house.expectRest()
    }

    @Test func aLineHasRoomForSoMany() {
        let live = queue("live")
        let line = (0..<Limits.sessionQueue).map { queue("\($0)") }
        #expect(line.allSatisfy { $0.acceptance?.status == .queued })
        for policy in [BusyPolicy.queue, .replace] {
            let run = queue("one more", onBusy: policy)
            #expect(run.refusal?.code == .queueFull && run.refusal?.retryable == true)
        }
        #expect(live.terminal == nil)
        finish(live)
        #expect(queue("one more").acceptance?.position == Limits.sessionQueue)
        house.connect().stop(session: SessionID(trusted: "s1"), all: true)
        house.turn()
        house.expectRest()
    }

    @Test func aQueuedRunIsNotTheLiveOne() {
        let live = queue("one")
        let second = queue("two")
        let refused = house.connect().run(session: "s1")
        #expect(refused.refusal?.fields["active_run_id"]?.string == live.runID.text)
        finish(live)
        finish(second)
        house.expectRest()
    }

    @Test func anotherUserNeitherQueuesNorReplaces() {
        let live = house.start(session: "s1", user: "u1")
        for policy in BusyPolicy.allCases {
            let run = house.connect().run(session: "s1", user: "u2", onBusy: policy)
            #expect(run.refusal?.code == .sessionNotFound)
        }
        #expect(live.terminal == nil)
        finish(live)
        house.expectRest()
    }

    @Test func aRunWhosePastCannotBeReadEndsWithAnError() {
        let live = queue("one")
        let second = queue("two")
        let third = queue("three")
        house.journal.nextFailure = AgentError(.storageError, "the disk is tired")
        finish(live)
        #expect(row(second)?.error?.code == .storageError)
        #expect(second.kinds == [.runQueued, .runContent, .runError])
        finish(third)
        #expect(told(third).count == 5)
        house.expectRest()
    }

    // MARK: Replace

    @Test func aReplacingRunEndsTheLiveOneAndGoesInFront() throws {
        let live = queue("one")
        house.provider.lastCall.say("Half")
        let waiting = queue("two")
        let call = house.provider.lastCall
        let replacing = queue("instead", onBusy: .replace)
        #expect(call.state == .aborted)
        let terminal = try #require(live.terminal)
        #expect(terminal.kind == .runCancelled && terminal["reason"] == "replaced" && terminal.content == "Half")
        #expect(replacing.acceptance?.status == .queued && replacing.acceptance?.position == 1)
        #expect(replacing.kinds == [.runQueued, .runStarted] && waiting.kinds == [.runQueued])
        #expect(told(replacing) == ["user: one", "assistant: Half", "user: instead"])
        finish(replacing, saying: "done")
        #expect(
            told(waiting) == [
                "user: one", "assistant: Half", "user: instead", "assistant: done", "user: two",
            ])
        finish(waiting, saying: "2")
        #expect(story() == ["one", "Half", "instead", "done", "two", "2"])
        house.expectRest()
    }

    @Test func replacingNothingIsAnOrdinaryRun() {
        let run = queue("one", onBusy: .replace)
        #expect(run.acceptance?.status == .running)
        finish(run)
        house.expectRest()
    }

    @Test func ofSeveralThatReplaceInOneTurnTheLastOneRuns() {
        let live = queue("one")
        let client = house.connect()
        let runs = (1...3).map { client.run("\($0)", session: "s1", onBusy: .replace) }
        house.turn()
        #expect(([live] + runs.prefix(2)).allSatisfy { $0.terminal?["reason"] == "replaced" })
        #expect(runs[2].kinds == [.runQueued, .runStarted])
        #expect(house.provider.calls.count == 2)
        finish(runs[2])
        house.expectRest()
    }

    @Test func aRunThatHasEndedAndIsNotWrittenYetIsNotReplaced() {
        let live = queue("one")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.say("whole")
        house.provider.lastCall.end()
        let replacing = house.connect().run("two", session: "s1", onBusy: .replace)
        house.turn()
        house.letCommitsGo()
        #expect(live.terminal?.kind == .runCompleted)
        #expect(told(replacing) == ["user: one", "assistant: whole", "user: two"])
        finish(replacing)
        house.expectRest()
    }

    // MARK: Slots

    private mutating func openHouse(slots: Int) { house = SimulatedHouse(liveRunLimit: slots) }

    @Test(arguments: [BusyPolicy.reject, .replace]) mutating func aRunWithoutASlotIsRefused(_ policy: BusyPolicy) {
        openHouse(slots: 1)
        let live = queue("one")
        let run = queue("two", session: "s2", onBusy: policy)
        #expect(run.refusal?.code == .overloaded && run.refusal?.fields["retry_after_ms"]?.int64 == 1000)
        finish(live)
        finish(queue("two", session: "s2", onBusy: policy))
        house.expectRest()
    }

    @Test mutating func runsWaitForASlotInTheOrderInWhichTheyCame() {
        openHouse(slots: 2)
        let live = [queue("a", session: "s1"), queue("b", session: "s2")]
        let behind = queue("c", session: "s1")
        let waiting = [queue("d", session: "s3"), queue("e", session: "s4")]
        #expect(behind.acceptance?.position == 1)
        #expect(waiting.map(\.acceptance?.position) == [1, 2])
        #expect(house.engine.liveRuns == 2 && house.engine.queuedRuns == 3)
        finish(live[1])
        // The one that came first waits for its session, and keeps nobody else waiting.
        #expect(waiting.map(\.kinds.count) == [2, 1] && behind.kinds.count == 1)
        finish(live[0])
        #expect(behind.kinds.count == 2 && waiting[1].kinds.count == 1)
        finish(behind)
        finish(waiting[0])
        finish(waiting[1])
        #expect(row(waiting[1])?.status == .completed)
        house.expectRest()
    }

    @Test mutating func ofThoseThatComeInOneTurnEachIsToldItsOwnPlace() {
        openHouse(slots: 1)
        let live = queue("a", session: "s0")
        let client = house.connect()
        let waiting = (1...3).map { client.run("\($0)", session: "s\($0)", onBusy: .queue) }
        house.turn()
        #expect(waiting.map(\.acceptance?.position) == [1, 2, 3])
        for run in [live] + waiting { finish(run) }
        #expect(queue("b", session: "s9").acceptance?.position == nil)
        #expect(queue("c", session: "s8").acceptance?.position == 1)
        house.connect().stop(session: SessionID(trusted: "s9"), all: true)
        house.turn()
        house.connect().stop(session: SessionID(trusted: "s8"), all: true)
        house.turn()
        house.expectRest()
    }

    @Test mutating func aSessionThatWaitsForASlotIsBusy() {
        openHouse(slots: 1)
        let live = queue("a", session: "s1")
        let waiting = queue("b", session: "s2")
        let refused = queue("c", session: "s2", onBusy: .reject)
        #expect(refused.refusal?.fields["active_run_id"]?.string == waiting.runID.text)
        #expect(refused.refusal?.fields["active_status"]?.string == "queued")
        let replacing = queue("d", session: "s2", onBusy: .replace)
        #expect(waiting.terminal?["reason"] == "replaced" && replacing.kinds == [.runQueued])
        finish(live)
        finish(replacing)
        #expect(story("s2") == ["b", "", "d", ""])
        house.expectRest()
    }

    @Test mutating func theSlotOfAStoppedRunIsFree() {
        openHouse(slots: 1)
        let live = queue("a", session: "s1")
        let waiting = queue("b", session: "s2")
        house.connect().stop(run: live.runID)
        house.turn()
        #expect(waiting.kinds == [.runQueued, .runStarted])
        finish(waiting)
        house.expectRest()
    }

    // MARK: Stop

    @Test func aStopEndsAQueuedRunAtOnce() throws {
        let live = queue("one")
        let second = queue("two")
        let stop = house.connect().stop(run: second.runID, reason: "enough")
        house.turn()
        #expect(stop.status == .stopping)
        let terminal = try #require(second.terminal)
        #expect(second.kinds == [.runQueued, .runContent, .runCancelled])
        #expect(terminal["reason"] == "stop" && terminal["message"] == "enough" && terminal.content == note)
        #expect(row(second)?.usage?.requests == 0 && row(second)?.startedAt == nil)
        #expect(house.engine.queuedRuns == 0)
        finish(live, saying: "1")
        #expect(house.provider.calls.count == 1)
        let third = queue("three")
        #expect(
            told(third) == ["user: one", "assistant: 1", "user: two", "assistant: \(note)", "user: three"])
        finish(third)
        house.expectRest()
    }

    @Test func aStopOfTheSessionEndsTheLiveRunAndTheNextOneBegins() {
        let live = queue("one")
        let second = queue("two")
        let stop = house.connect().stop(session: SessionID(trusted: "s1"))
        house.turn()
        #expect(stop.runID == live.runID && stop.runIDs == nil)
        #expect(second.kinds == [.runQueued, .runStarted])
        finish(second)
        house.expectRest()
    }

    @Test func aStopOfAllEndsTheWholeLine() {
        let runs = ["one", "two", "three"].map { queue($0) }
        let stop = house.connect().stop(session: SessionID(trusted: "s1"), all: true)
        house.turn()
        #expect(stop.runID == runs[0].runID && stop.status == .stopping && stop.runIDs == runs.map(\.runID))
        #expect(runs.allSatisfy { $0.terminal?["reason"] == "stop" })
        #expect(house.provider.calls.count == 1)
        let again = house.connect().stop(session: SessionID(trusted: "s1"), all: true)
        #expect(again.status == .interrupted && again.runIDs == [])
        house.expectRest()
    }

    @Test func aStopOfAllMeansThoseToo() {
        house.journal.isHoldingAnswers = true
        let client = house.connect()
        let before = (1...3).map { client.run("\($0)", session: "s1", onBusy: .queue) }
        let stop = client.stop(session: SessionID(trusted: "s1"), all: true)
        let after = client.run("4", session: "s1", onBusy: .queue)
        house.journal.isHoldingAnswers = false
        while house.journal.openQuestions > 0 { house.journal.answerNext() }
        house.turn()
        #expect(stop.runIDs == before.map(\.runID))
        #expect(before.allSatisfy { $0.terminal?["reason"] == "stop" } && after.terminal == nil)
        finish(after)
        house.expectRest()
    }

    @Test func aStopFindsARunWhoseTurnHasJustCome() {
        let live = queue("one")
        let second = queue("two")
        house.journal.isHoldingAnswers = true
        finish(live)
        #expect(house.journal.openQuestions == 1)
        house.connect().stop(session: SessionID(trusted: "s1"))
        house.turn()
        #expect(second.terminal?["reason"] == "stop")
        house.journal.isHoldingAnswers = false
        house.journal.answerNext()
        house.turn()
        #expect(house.provider.calls.count == 1)
        house.expectRest()
    }

    // MARK: Clients

    @Test func aQueuedRunEndsWithItsClient() {
        let live = queue("one")
        let client = house.connect()
        let second = client.run("two", session: "s1", onBusy: .queue)
        house.turn()
        client.disconnect()
        house.turn()
        #expect(row(second)?.cancelReason == .disconnect)
        #expect(house.engine.queuedRuns == 0)
        finish(live)
        house.expectRest()
    }

    @Test func aQueuedRunOutlivesAClientThatItIsNotBoundTo() {
        let live = queue("one")
        let client = house.connect()
        let second = client.run("two", session: "s1", onDisconnect: .continue, onBusy: .queue)
        house.turn()
        client.disconnect()
        finish(live)
        finish(second)
        #expect(row(second)?.status == .completed)
        house.expectRest()
    }

    // MARK: Going down

    @Test func aRunWhoseTurnHasJustComeWaitsForTheNextDaemon() {
        let live = queue("one")
        let second = house.connect().run("two", session: "s1", stream: .none, onBusy: .queue)
        house.turn()
        house.journal.isHoldingAnswers = true
        finish(live)
        house.engine.drain()
        house.journal.isHoldingAnswers = false
        house.journal.answerNext()
        house.turn()
        #expect(row(second)?.status == .queued && house.engine.isQuiet)
        house.crash()
        house.turn()
        finish(second)
        #expect(row(second)?.status == .completed)
        house.expectRest()
    }

    @Test func aDaemonThatGoesDownLeavesTheLineAsItIs() {
        let live = queue("one")
        let client = house.connect()
        let bound = client.run("two", session: "s1", onBusy: .queue)
        let unbound = client.run("three", session: "s1", stream: .none, onBusy: .queue)
        house.turn()
        house.journal.isHoldingAnswers = true
        house.engine.drain()
        house.engine.endAllRuns()
        house.turn()
        #expect(live.terminal?.kind == .runError && house.engine.isQuiet)
        #expect(house.journal.openQuestions == 0)
        house.journal.isHoldingAnswers = false
        #expect([bound, unbound].map { row($0)?.status } == [.queued, .queued])
        house.crash()
        house.turn()
        #expect(row(bound)?.cancelReason == .disconnect)
        #expect(row(unbound)?.status == .running)
        finish(unbound)
        house.expectRest()
    }
}
