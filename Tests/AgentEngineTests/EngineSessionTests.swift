import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

@Suite struct EngineSessionTests {
    private let house = SimulatedHouse()
    private let session = SessionID(trusted: "s1")

    private func update(_ command: UpdateCommand) -> () -> Result<SessionRecord, AgentError>? {
        var reply: Result<SessionRecord, AgentError>?
        house.engine.update(command) { reply = $0 }
        house.turn()
        return { reply }
    }

    private func delete(session: String? = nil, user: String? = nil) -> () -> Result<Deletion, AgentError>? {
        var reply: Result<Deletion, AgentError>?
        house.engine.delete(
            DeleteCommand(sessionID: session.map(SessionID.init(trusted:)), userID: user.map(UserID.init(trusted:)))
        ) { reply = $0 }
        house.turn()
        return { reply }
    }

    /// How many conversations went with each batch that took some.
    private final class Bites { var sizes: [Int] = [] }

    @Test func noMoreIsErasedTogetherThanMayBeWaitedFor() throws {
        for number in 1...9 {
            for _ in 1...30 { house.converse("hello", "hi", session: "a\(number)", user: "u1") }
        }
        // One is never cut in two.
        for _ in 1...200 { house.converse("hello", "hi", session: "large", user: "u1") }
        let (bites, committed) = (Bites(), house.journal.committed)
        house.journal.committed = { batch in
            let erased = batch.changes.filter { if case .sessionDeleted = $0 { true } else { false } }
            if !erased.isEmpty { bites.sizes.append(erased.count) }
            committed?(batch)
        }
        #expect(try delete(user: "u1")()?.get().sessions == 10)
        let rows = SessionContents(
            record: .init(
                sessionID: SessionID(trusted: "a"), userID: nil, agent: AgentName(trusted: "helper"),
                createdAt: house.environment.now(), updatedAt: house.environment.now()), runs: 30, messages: 60
        ).rows
        #expect(bites.sizes.reduce(0, +) == 10)
        #expect(bites.sizes.allSatisfy { Int64($0) * rows <= Engine.erasedRows } && bites.sizes.contains { $0 > 1 })
        house.expectRest()
    }

    private func code<Value>(_ reply: Result<Value, AgentError>?) -> ErrorCode? {
        if case .failure(let error) = reply { error.code } else { nil }
    }

    // MARK: Update

    @Test func whatIsNamedIsChangedAndNothingElse() throws {
        house.converse("What is a ledger?", "A book.", session: "s1")
        let before = try #require(house.journal.tables.sessions[session])
        let first = try #require(
            try update(UpdateCommand(sessionID: session, title: "Ledgers", metadata: ["k": .string("v")]))()?.get())
        #expect(first.title == "Ledgers" && first.metadata == ["k": .string("v")] && first.isActive)
        #expect(first.updatedAt == before.updatedAt)
        let second = try #require(
            try update(UpdateCommand(sessionID: session, summary: "On books", isActive: false))()?.get())
        #expect(second.title == "Ledgers" && second.summary == "On books" && !second.isActive)
        let third = try #require(try update(UpdateCommand(sessionID: session, title: ""))()?.get())
        #expect(third.title == nil && third.summary == "On books")
        #expect(house.journal.tables.sessions[session] == third)
        house.expectRest()
    }

    @Test func theReplyComesOnceTheChangeIsInTheLedger() {
        house.converse("hello", "hi", session: "s1")
        house.journal.isHoldingCommits = true
        let reply = update(UpdateCommand(sessionID: session, title: "Ledgers"))
        #expect(reply() == nil)
        house.letCommitsGo()
        #expect(code(reply()) == nil && reply() != nil)
        house.expectRest()
    }

    @Test func twoChangesAtOnceBothStand() throws {
        house.converse("hello", "hi", session: "s1")
        var replies = 0
        house.engine.update(UpdateCommand(sessionID: session, title: "T")) { _ in replies += 1 }
        house.engine.update(UpdateCommand(sessionID: session, summary: "S")) { _ in replies += 1 }
        house.turn()
        let record = try #require(house.journal.tables.sessions[session])
        #expect(replies == 2 && record.title == "T" && record.summary == "S")
        house.expectRest()
    }

    @Test func aChangeThatFollowsARunAtOnceFindsItsSession() throws {
        house.connect().run("hello", session: "s1")
        let reply = update(UpdateCommand(sessionID: session, title: "T"))
        #expect(try reply()?.get().title == "T")
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func anotherUsersSessionIsLikeAMissingOne() {
        _ = house.start("hello", session: "s1", user: "u1")
        house.provider.lastCall.end()
        house.turn()
        #expect(
            code(update(UpdateCommand(sessionID: session, userID: UserID(trusted: "u2"), title: "T"))())
                == .sessionNotFound)
        #expect(code(update(UpdateCommand(sessionID: SessionID(trusted: "s9"), title: "T"))()) == .sessionNotFound)
        #expect(code(delete(session: "s1", user: "u2")()) == .sessionNotFound)
        #expect(code(delete(session: "s9")()) == .sessionNotFound)
        #expect(house.journal.tables.sessions[session] != nil)
        house.expectRest()
    }

    // MARK: Delete

    @Test func aSessionGoesWithAllThatIsInIt() throws {
        let run = house.converse("hello", "hi", session: "s1")
        house.converse("other", "hi", session: "s2")
        let deletion = try #require(try delete(session: "s1")()?.get())
        #expect(deletion.sessions == 1 && deletion.runs == 1 && deletion.messages == 2)
        #expect(house.journal.scrubs == 1)
        #expect(Set(house.journal.tables.sessions.keys.map(\.text)) == ["s2"])
        #expect(house.journal.tables.erased == [run.runID])
        house.turn()
        #expect(house.engine.isQuiet)
    }

    @Test(arguments: [false, true]) func aSessionWithAnOpenRunStays(_ isQueued: Bool) throws {
        _ = house.start("hello", session: "s1")
        if isQueued { _ = house.connect().run("more", session: "s1", onBusy: .queue) }
        house.turn()
        let reply = delete(session: "s1")
        #expect(code(reply()) == .sessionBusy && house.journal.scrubs == 0)
        guard case .failure(let error) = reply() else { return }
        #expect(error.fields["active_status"]?.string == "running")
        for call in house.provider.openCalls { call.end() }
        house.turn()
        for call in house.provider.openCalls { call.end() }
        house.turn()
        house.expectRest()
    }

    @Test func aRunThatArrivesMeanwhileComesAfterwards() throws {
        house.converse("hello", "hi", session: "s1")
        house.journal.isHoldingAnswers = true
        let reply = delete(session: "s1")
        let run = house.connect().run("again", session: "s1")
        house.turn()
        #expect(run.replies.isEmpty)
        house.journal.isHoldingAnswers = false
        while house.journal.openQuestions > 0 {
            house.journal.answerNext()
            house.turn()
        }
        #expect(try reply()?.get().messages == 2)
        // The session begins anew: the model is told nothing of what is gone.
        #expect(house.told(house.provider.lastCall) == ["user: again"])
    }

    @Test func allOfAUserGoesAndNothingOfOthers() throws {
        for number in 1...150 {
            _ = house.start("hello", session: "a\(number)", user: "u1")
            house.provider.lastCall.end()
            house.turn()
        }
        _ = house.start("hello", session: "b", user: "u2")
        house.provider.lastCall.end()
        house.turn()
        let deletion = try #require(try delete(user: "u1")()?.get())
        #expect(deletion.sessions == 150 && deletion.runs == 150 && deletion.messages == 300)
        #expect(Set(house.journal.tables.sessions.keys.map(\.text)) == ["b"])
        #expect(house.journal.scrubs == 1)
        #expect(try delete(user: "u1")()?.get().sessions == 0)
    }

    @Test func twoDeletesOfAUserBothEndWhenAllIsGone() throws {
        for number in 1...100 { house.converse("hello", "hi", session: "a\(number)", user: "u1") }
        house.journal.isHoldingAnswers = true
        let (one, two) = (delete(user: "u1"), delete(user: "u1"))
        // Both have the same names before either of them erases one.
        house.journal.answerNext()
        house.journal.answerNext()
        house.journal.isHoldingAnswers = false
        house.turn()
        #expect(house.journal.tables.sessions.isEmpty)
        let sums = [try #require(try one()?.get()).sessions, try #require(try two()?.get()).sessions]
        #expect(sums.reduce(0, +) == 100 && house.journal.scrubs == 2)
        house.expectRest()
    }

    @Test func oneOpenRunKeepsAllOfAUser() {
        _ = house.start("hello", session: "s2", user: "u1")
        house.provider.lastCall.end()
        house.turn()
        _ = house.start("hello", session: "s1", user: "u1")
        #expect(code(delete(user: "u1")()) == .sessionBusy)
        #expect(house.journal.tables.sessions.count == 2)
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func whatIsGoneBeforeARunCameInTheMiddleLeavesTheFiles() {
        for name in ["s1", "s2"] {
            _ = house.start("hello", session: name, user: "u1")
            house.provider.lastCall.end()
            house.turn()
        }
        house.journal.isHoldingAnswers = true
        let reply = delete(user: "u1")
        _ = house.start("again", session: "s2", user: "u1")
        house.journal.isHoldingAnswers = false
        // The names of the sessions, and then what the run must know: it is accepted before its session's turn comes.
        house.journal.answerNext()
        house.journal.answerNext()
        house.turn()
        #expect(code(reply()) == .sessionBusy)
        #expect(house.journal.tables.sessions.keys.map(\.text) == ["s2"])
        #expect(house.journal.scrubs == 1)
        house.provider.lastCall.end()
        house.turn()
        house.expectRest()
    }

    @Test func aStreamOfADeletedRunBreaksOff() throws {
        let run = house.converse("hello", "hi", session: "s1")
        let client = house.connect()
        let stream = client.attach(run: run.runID, hasRoom: false)
        house.turn()
        _ = delete(session: "s1")
        client.read(stream)
        #expect(stream.sink?.breach == "deleted")
    }
}
