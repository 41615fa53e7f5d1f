import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct RunRecoveryTests {
    private var house = SimulatedHouse()
    private let note = "[error: daemon_restart]"

    /// The rows of a run's conversation as `role step: content`.
    private func rows(_ run: RunID) -> [String] {
        house.journal.tables.messages(of: run).map { "\($0.role) \($0.step): \($0.content)" }
    }

    private func kinds(_ run: RunID) -> [EventKind] { house.journal.tables.events[run, default: []].map(\.kind) }

    /// Asks the same conversation once more; gives what the model is told.
    private func nextRequest(_ session: SessionID) throws -> [String] {
        let run = house.start("again", session: session.text)
        let call = try #require(house.provider.calls(of: run.runID).first)
        call.say("fine")
        call.end()
        house.turn()
        house.expectRest()
        return house.told(call)
    }

    @Test func aRunThatHadNotBegunIsClosed() throws {
        house.journal.isHoldingCommits = true
        let client = house.connect()
        client.run("hello", session: "s1", name: "r1")
        house.turn()
        house.journal.write()
        house.journal.isHoldingCommits = false
        house.crash()
        let run = RunID(trusted: "r1")
        #expect(kinds(run) == [.runStarted, .runContent, .runError])
        #expect(rows(run) == ["user 0: hello", "assistant 1: \(note)"])
        #expect(
            try nextRequest(SessionID(trusted: "s1")) == ["user: hello", "assistant: \(note)", "user: again"])
    }

    @Test func aRunThatWasNeverWrittenLeavesNothing() {
        house.journal.isHoldingCommits = true
        house.connect().run("hello", session: "s1", name: "r1")
        house.turn()
        house.crash()
        #expect(house.journal.tables.runs.isEmpty && house.journal.tables.sessions.isEmpty)
        house.expectRest()
    }

    @Test func textThatWasHeardStaysWithItsMark() throws {
        let run = house.start("hello")
        house.provider.lastCall.say("Half an ans")
        house.turn()
        house.provider.lastCall.say("wer that nobody heard")
        house.crash()
        #expect(rows(run.runID) == ["user 0: hello", "assistant 1: Half an ans\n\n\(note)"])
        let row = try #require(house.journal.tables.runs[run.runID]?.record)
        #expect(row.status == .error && row.error?.code == .daemonRestart && row.error?.retryable == true)
        #expect(row.usage?.incomplete == true && row.usage?.totalTokens == nil)
        #expect(run.pieces == ["Half an ans"])
        #expect(
            try nextRequest(run.sessionID) == ["user: hello", "assistant: Half an ans\n\n\(note)", "user: again"])
    }

    @Test func reasoningAloneBecomesAMessageOfTheSameName() throws {
        let run = house.start("hello")
        house.provider.lastCall.think("hm")
        house.turn()
        let thought = try #require(run.events.last?["message_id"])
        house.crash()
        #expect(rows(run.runID) == ["user 0: hello", "assistant 1: \(note)"])
        #expect(house.journal.tables.messages(of: run.runID).last?.messageID.text == thought)
        #expect(try nextRequest(run.sessionID) == ["user: hello", "assistant: \(note)", "user: again"])
    }

    @Test func theMessageOfAStepWithCallsStandsBeforeTheirResults() throws {
        let run = house.start("hello")
        let call = house.provider.lastCall
        call.say("Let me look.")
        call.call("search")
        call.call("send")
        house.turn()
        house.crash()
        let result = ["there is no tool named search", "there is no tool named send"]
        #expect(
            rows(run.runID)
                == [
                    "user 0: hello", "assistant 1: Let me look.\n\n\(note)", "tool 1: \(result[0])",
                    "tool 1: \(result[1])",
                ])
        #expect(house.journal.tables.runs[run.runID]?.record.usage?.requests == 1)
        #expect(
            try nextRequest(run.sessionID)
                == [
                    "user: hello", "assistant: Let me look.\n\n\(note)", "tool: \(result[0])", "tool: \(result[1])",
                    "user: again",
                ])
    }

    @Test func aStepThatOnlyCalledGetsItsMessage() throws {
        let run = house.start("hello")
        house.provider.lastCall.call("search")
        house.turn()
        house.crash()
        #expect(
            rows(run.runID) == ["user 0: hello", "assistant 1: \(note)", "tool 1: there is no tool named search"])
        _ = try nextRequest(run.sessionID)
    }

    @Test(arguments: ["", "Second."]) func aLaterStepIsClosedAfterTheWholeOnes(_ text: String) throws {
        let run = house.start("hello")
        house.provider.lastCall.say("First.")
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.turn()
        house.provider.lastCall.say(text)
        house.turn()
        house.crash()
        let last = text.isEmpty ? note : "\(text)\n\n\(note)"
        #expect(
            rows(run.runID)
                == [
                    "user 0: hello", "assistant 1: First.", "tool 1: there is no tool named search",
                    "assistant 2: \(last)",
                ])
        #expect(house.journal.tables.runs[run.runID]?.record.usage?.requests == 2)
        _ = try nextRequest(run.sessionID)
    }

    @Test func aReasoningStepAfterTextGetsAMessageOfItsOwn() throws {
        let run = house.start("hello")
        house.provider.lastCall.say("First.")
        house.provider.lastCall.call("search")
        house.provider.lastCall.end()
        house.provider.lastCall.think("hm")
        house.turn()
        house.crash()
        #expect(rows(run.runID).last == "assistant 2: \(note)")
        _ = try nextRequest(run.sessionID)
    }

    /// Today a stop and its terminal share one batch; a ledger that holds only the request is closed as it asks.
    @Test(arguments: ["User halted response", ""]) mutating func aStopThatWasAskedForIsCarriedOut(
        _ halt: String
    ) throws {
        house = SimulatedHouse { $0.haltNote = halt }
        let run = house.start("hello")
        house.provider.lastCall.say("Half")
        house.turn()
        house.journal.crash(.process)
        var open = try #require(house.journal.unfinishedRuns().first)
        open.isStopRequested = true
        open.stopReason = "enough"
        let batch = LedgerBatch()
        _ = RunRecovery.recover([open], agents: [], haltNote: halt, environment: house.environment, into: batch)
        #expect(batch.isSealed)
        house.journal.commitNow(batch)
        house.crash()
        let row = try #require(house.journal.tables.runs[run.runID]?.record)
        #expect(row.status == .interrupted && row.cancelReason == .stop && row.error == nil)
        let terminal = try #require(house.journal.tables.events[run.runID]?.last)
        #expect(terminal.kind == .runCancelled && terminal.members["message"]?.string == "enough")
        let answer = try #require(house.journal.tables.messages(of: run.runID).last)
        #expect(answer.interrupted && answer.content == (halt.isEmpty ? "Half" : "Half\n\n\(halt)"))
        _ = try nextRequest(run.sessionID)
    }

    @Test mutating func aStopWithoutMarkOrTextIsToldAsNoAnswer() throws {
        house = SimulatedHouse { $0.haltNote = "" }
        let run = house.start("hello")
        house.journal.crash(.process)
        var open = try #require(house.journal.unfinishedRuns().first)
        open.isStopRequested = true
        let batch = LedgerBatch()
        _ = RunRecovery.recover([open], agents: [], haltNote: "", environment: house.environment, into: batch)
        house.journal.commitNow(batch)
        house.crash()
        #expect(rows(run.runID) == ["user 0: hello", "assistant 1: "])
        #expect(try nextRequest(run.sessionID) == ["user: hello", "assistant: [no answer]", "user: again"])
    }

    @Test func aFinishedRunIsLeftAlone() {
        let run = house.converse("hello", "fine", session: "s1")
        let before = kinds(run.runID)
        house.crash()
        house.crash()
        #expect(kinds(run.runID) == before)
        house.expectRest()
    }

    @Test func aRunWhoseEndWasWrittenAndNotToldIsLeftAlone() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.say("fine")
        house.provider.lastCall.end()
        house.turn()
        house.journal.write()
        house.journal.isHoldingCommits = false
        house.crash()
        #expect(kinds(run.runID) == [.runStarted, .runContent, .runCompleted])
        #expect(run.kinds == [.runStarted])
        house.expectRest()
    }

    @Test func severalRunsAreClosedTogether() {
        let runs = (1...3).map { house.start("hello", session: "s\($0)") }
        house.crash()
        for run in runs { #expect(kinds(run.runID).last == .runError) }
        house.expectRest()
    }
}
