import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// What is told, and when: never before it is in the ledger.
@Suite struct EngineCommitTests {
    private let house = SimulatedHouse()

    @Test func nothingIsToldBeforeItIsCommitted() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        house.provider.lastCall.say("Hel")
        house.turn()
        #expect(run.pieces == [])
        house.journal.write()
        #expect(run.pieces == [])
        house.journal.acknowledge()
        #expect(run.pieces == ["Hel"])
        house.provider.lastCall.end()
        house.turn()
        #expect(run.terminal == nil)
        house.journal.release()
        #expect(run.terminal?.content == "Hel")
        house.expectRest()
    }

    @Test func whatIsSaidWhileTheLedgerIsAwayBecomesOneEvent() {
        let run = house.start("hello")
        house.journal.isHoldingCommits = true
        let call = house.provider.lastCall
        call.say("a")
        house.turn()
        for word in ["b", "c", "d"] {
            call.say(word)
            #expect(!house.engine.endTurn())
        }
        house.journal.release()
        house.turn()
        house.journal.release()
        #expect(run.pieces == ["a", "bcd"])
        call.end()
        house.journal.isHoldingCommits = false
        house.turn()
        house.expectRest()
    }

    @Test func runsOfOneTurnShareOneCommit() {
        let runs = (1...5).map { _ in house.start("hello") }
        let before = house.journal.commits
        for call in house.provider.openCalls { call.say("all at once") }
        house.turn()
        #expect(house.journal.commits == before + 1)
        for run in runs { #expect(run.pieces == ["all at once"]) }
        for call in house.provider.openCalls { call.end() }
        house.turn()
        house.expectRest()
    }

    @Test func aTurnWithoutNewsCommitsNothing() {
        house.converse("hello", "fine", session: "s1")
        let before = house.journal.commits
        #expect(!house.engine.endTurn())
        #expect(house.journal.commits == before)
    }

    @Test func theOrderInWhichThingsWereSaidIsKept() {
        let run = house.start("hello")
        let call = house.provider.lastCall
        call.think("hm")
        call.say("Let me look.")
        call.think("which tool?")
        call.call("search", id: "c1")
        call.say("And wait.")
        call.call("send", id: "c2", arguments: nil)
        call.end()
        let second = house.provider.lastCall
        second.say("Nothing found.")
        second.end(.length, providerReason: "max_tokens")
        house.turn()
        #expect(
            run.kinds
                == [
                    .runStarted, .reasoningContent, .runContent, .reasoningContent, .toolCallStarted,
                    .toolCallCompleted, .runContent, .toolCallStarted, .toolCallCompleted, .runContent, .runCompleted,
                ])
        #expect(run.terminal?.content == "Let me look.And wait.\n\nNothing found.")
        #expect(run.terminal?["stop_reason"] == "length" && run.terminal?["provider_stop_reason"] == "max_tokens")
        #expect(run.events.map(\.seq) == Array(1...11))
        #expect(
            house.told(second)
                == [
                    "user: hello", "assistant: Let me look.And wait.", "tool: there is no tool named search",
                    "tool: the arguments of send are not a JSON object",
                ])
        house.expectRest()
    }

    @Test func aCallOfAnUnknownToolHasABeginningAndAnEnd() throws {
        let run = house.start("hello")
        house.provider.lastCall.call("search", id: "c1", arguments: ["q": .string("é")])
        house.turn()
        let (started, completed) = (run.events[1], run.events[2])
        #expect(started["tool_call_id"] == "c1" && started["executor"] == "none")
        #expect(started.payload["tool_arguments"]?.object?["q"]?.string == "é")
        #expect(completed["tool_call_id"] == "c1" && completed["status"] == "error")
        #expect(completed["result"] == "there is no tool named search")
        house.provider.lastCall.end()
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aStreamOfTheEndHearsTheEndOnly() {
        let run = house.start("hello", stream: .final)
        house.provider.lastCall.say("fine")
        house.provider.lastCall.end()
        house.turn()
        #expect(run.kinds == [.runCompleted] && run.terminal?.content == "fine")
        house.expectRest()
    }

    @Test func aStreamThatEndedHearsNothingMore() throws {
        let run = house.start("hello")
        house.engine.leave(try #require(run.acceptance?.cursor))
        house.provider.lastCall.say("fine")
        house.connect().stop(run: run.runID)
        house.turn()
        #expect(run.kinds == [.runStarted])
        #expect(house.engine.liveRuns == 0)
    }

    @Test func aFailureKeepsWhatWasSaidAndSaysWhatWentWrong() throws {
        let run = house.start("hello", session: "s1")
        house.provider.lastCall.say("Half")
        house.provider.lastCall.fail(.modelTruncated, "it broke off")
        house.turn()
        #expect(run.pieces == ["Half", "\n\n[error: model_truncated]"])
        let error = try #require(run.terminal?.payload["error"]?.object)
        #expect(error["code"]?.string == "model_truncated" && error["message"]?.string == "it broke off")
        let answer = try #require(house.journal.tables.messages(of: run.runID).last)
        #expect(answer.error?.code == .modelTruncated && !answer.interrupted)
        house.converse("again", "fine", session: "s1")
        #expect(house.told(house.provider.lastCall)[1] == "assistant: Half\n\n[error: model_truncated]")
        house.expectRest()
    }

    @Test func anEmptyAnswerIsRememberedAsOne() {
        house.converse("hello", "", session: "s1")
        house.converse("again", "fine", session: "s1")
        #expect(house.told(house.provider.lastCall) == ["user: hello", "assistant: [no answer]", "user: again"])
        house.expectRest()
    }

    @Test func aLongInputAndALongAnswerAreCutInEventsOnly() throws {
        let long = String(repeating: "é\n", count: 150_000)
        let run = house.start(long, session: "s1")
        #expect(run.events[0].payload["clipped"]?.bool == true)
        house.provider.lastCall.say(long)
        house.provider.lastCall.end()
        house.turn()
        let terminal = try #require(run.terminal)
        #expect(terminal.payload["clipped"]?.bool == true)
        #expect(terminal.payload["bytes"]?.int64 == Int64(long.utf8.count))
        #expect(long.hasPrefix(try #require(terminal.content)))
        #expect(run.pieces.joined() == long)
        #expect(house.journal.tables.messages(of: run.runID).allSatisfy { $0.content == long })
        house.converse("again", "fine", session: "s1")
        #expect(house.provider.lastCall.request.messages.prefix(2).allSatisfy { $0.content == long })
        house.expectRest()
    }
}
