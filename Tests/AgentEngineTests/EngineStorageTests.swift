import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// A disk that is full ends what is live and begins nothing; a disk with space again begins everything.
@Suite struct EngineStorageTests {
    private let house = SimulatedHouse()

    private func refusal(_ run: SimulatedRun) -> AgentError? {
        if case .failure(let error)? = run.replies.first { error } else { nil }
    }

    private func fill() {
        house.journal.storageChanged?(.full)
        house.turn()
    }

    @Test func aFullDiskRefusesNewRunsAtOnce() throws {
        house.converse("hello", "hi", session: "s1")
        fill()
        for run in [house.start("one"), house.start("two", session: "s1")] {
            let error = try #require(refusal(run))
            #expect(error.code == .storageError && error.retryable)
            #expect(error.message.contains("disk is full"))
        }
        #expect(house.provider.openCalls.isEmpty)
        house.expectRest()
    }

    @Test func aRunUnderDecisionIsRefusedToo() throws {
        house.journal.isHoldingAnswers = true
        let run = house.start("hello", session: "s1")
        fill()
        house.journal.answerNext()
        house.turn()
        #expect(refusal(run)?.code == .storageError)
        house.expectRest()
    }

    @Test func whatWaitsInLineGoesOnWaitingAndBeginsWhenThereIsSpace() {
        _ = house.start("live", session: "s1")
        let waiting = house.connect().run("next", session: "s1", onBusy: .queue)
        house.turn()
        fill()
        #expect(waiting.kinds == [.runQueued] && house.engine.queuedRuns == 1)
        house.journal.storageChanged?(.writable)
        house.turn()
        #expect(waiting.kinds == [.runQueued, .runStarted])
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aRunWhoseTurnIsLookedUpDoesNotBegin() {
        _ = house.start("live", session: "s1")
        let called = house.connect().run("next", session: "s1", onBusy: .queue)
        house.turn()
        house.journal.isHoldingAnswers = true
        house.provider.lastCall.end()
        house.turn()
        fill()
        house.journal.isHoldingAnswers = false
        house.journal.answerNext()
        house.turn()
        #expect(called.kinds.contains(.runStarted) == false && called.kinds.last == .runError)
        #expect(house.provider.openCalls.isEmpty)
        house.journal.storageChanged?(.writable)
        house.turn()
        house.expectRest()
    }

    @Test func nothingIsDeletedInTheSpaceOfTheReserve() {
        house.converse("hello", "hi", session: "s1")
        fill()
        var reply: Result<Deletion, AgentError>?
        house.engine.delete(DeleteCommand(sessionID: SessionID(trusted: "s1"))) { reply = $0 }
        house.turn()
        guard case .failure(let error) = reply else {
            Issue.record("it is deleted")
            return
        }
        #expect(error.code == .storageError && error.retryable)
        house.expectRest()
    }

    @Test func whatIsLiveEndsWithWhatItHasSaid() throws {
        let runs = (1...3).map { _ in house.start("hello") }
        house.provider.lastCall.say("Half")
        fill()
        #expect(house.provider.openCalls.isEmpty)
        for run in runs {
            let error = try #require(run.terminal?.payload["error"]?.object)
            #expect(run.terminal?.kind == .runError)
            #expect(error["code"]?.string == "storage_error" && error["retryable"]?.bool == true)
        }
        #expect(runs[2].terminal?.content == "Half\n\n[error: storage_error]")
        house.expectRest()
    }

    /// The acceptance is in the batch that did not fit; the end comes in the next one.
    @Test func aRunWhoseAcceptanceWaitsIsAcceptedAndEnds() {
        house.journal.isHoldingCommits = true
        let run = house.connect().run("hello")
        house.turn()
        fill()
        #expect(run.replies.isEmpty)
        house.letCommitsGo()
        #expect(run.kinds == [.runStarted, .runContent, .runError])
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }

    @Test func readingGoesOn() throws {
        house.converse("hello", "hi", session: "s1")
        fill()
        var reply: Result<[UInt8], AgentError>?
        house.engine.history(HistoryCommand(sessionID: SessionID(trusted: "s1"))) { reply = $0 }
        #expect(try String(decoding: #require(reply).get(), as: UTF8.self).contains("hi"))
    }

    @Test func spaceBringsEverythingBack() {
        fill()
        #expect(refusal(house.start("hello", session: "s1")) != nil)
        house.journal.storageChanged?(.writable)
        let run = house.converse("hello", "hi", session: "s1")
        #expect(run.terminal?.kind == .runCompleted)
        house.expectRest()
    }
}
