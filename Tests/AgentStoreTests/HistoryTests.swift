import AgentEngine
import AgentProtocol
import Testing

@testable import AgentStore

/// `history`.
@Suite struct HistoryTests {
    private let session = SessionID(trusted: "s1")

    /// A session with so many messages of runs that have ended.
    private func filled(_ count: Int, user: String? = nil) throws -> Cellar {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", user: user)
            for place in 0..<count {
                batch.addMessage("m\(100 + place)", session: "s1", run: "r\(place / 2)", position: Int64(place + 1))
            }
        }
        return cellar
    }

    private func live(_ position: Int64, content: String = "so far") -> LiveAnswer {
        var message = Message.made("live", run: "r9", position: position, role: .assistant, content: content)
        message.completedAt = nil
        return LiveAnswer(message: message, content: content, lastSeq: 4)
    }

    @Test func thePageOfTheNewestComesFirstAndIsOldestFirstInside() throws {
        #expect(
            try filled(7).pages("s1", limit: 3, ascending: false) == [
                ["m104", "m105", "m106"], ["m101", "m102", "m103"], ["m100"],
            ])
    }

    @Test func walksFromTheStartWhenItIsAsked() throws {
        #expect(
            try filled(7).pages("s1", limit: 3, ascending: true) == [
                ["m100", "m101", "m102"], ["m103", "m104", "m105"], ["m106"],
            ])
    }

    @Test func anEmptySessionHasOneEmptyPage() throws {
        #expect(try filled(0).pages("s1", limit: 3, ascending: false) == [[]])
    }

    @Test func showsTheSessionToo() throws {
        let reply = try filled(1, user: "u1").ask(.history(HistoryCommand(sessionID: session), live: nil))
        #expect(reply["session"]?.object?["user_id"]?.string == "u1")
        #expect(reply["messages"]?.array?.count == 1)
    }

    @Test(arguments: [true, false], 1...8)
    func theLiveMessageIsThereExactlyOnce(ascending: Bool, limit: Int) throws {
        let cellar = try filled(6)
        try cellar.write { batch in
            batch.addRun("r9", session: "s1")
            batch.addMessage("question", session: "s1", run: "r9", position: 7)
        }
        let pages = try cellar.pages("s1", limit: limit, ascending: ascending, live: live(8))
        let walk = ascending ? pages.flatMap(\.self) : pages.reversed().flatMap(\.self)
        #expect(walk == (0..<6).map { "m\(100 + $0)" } + ["question", "live"])
        #expect(pages.allSatisfy { $0.count <= limit })
    }

    /// A call that was answered at once has its row before the text that came with it.
    @Test(arguments: [true, false], 1...5)
    func theLiveMessageStandsBeforeTheToolMessagesOfItsStep(ascending: Bool, limit: Int) throws {
        let cellar = try filled(0)
        try cellar.write { batch in
            batch.addRun("r9", session: "s1")
            batch.addMessage("question", session: "s1", run: "r9", position: 1)
            batch.addMessage("tool", session: "s1", run: "r9", position: 3, role: .tool)
            batch.addMessage("tool2", session: "s1", run: "r9", position: 4, role: .tool)
        }
        let pages = try cellar.pages("s1", limit: limit, ascending: ascending, live: live(2))
        let walk = ascending ? pages.flatMap(\.self) : pages.reversed().flatMap(\.self)
        #expect(walk == ["question", "live", "tool", "tool2"])
    }

    @Test func theLiveMessageIsUnfinished() throws {
        let cellar = try filled(0)
        try cellar.write { $0.addRun("r9", session: "s1") }
        let page = try cellar.history(HistoryCommand(sessionID: session), live: live(1))
        #expect(page.messages.map { $0["completed_at"] } == [.null])
        #expect(page.messages.texts("content") == ["so far"])
    }

    @Test func aLiveMessageIsLeftOutWhenItsRunHasEndedMeanwhile() throws {
        let cellar = try filled(0)
        try cellar.write { batch in
            batch.addRun("r9", session: "s1")
            batch.addMessage("live", session: "s1", run: "r9", position: 1, role: .assistant, content: "all of it")
            batch.endRun("r9")
        }
        for ascending in [true, false] {
            let page = try cellar.history(HistoryCommand(sessionID: session, ascending: ascending), live: live(1))
            #expect(page.messages.texts("content") == ["all of it"])
        }
    }

    @Test func aLiveMessageOfAnEarlierStepGivesWayToItsRow() throws {
        let cellar = try filled(0)
        try cellar.write { batch in
            batch.addRun("r9", session: "s1")
            batch.addMessage("live", session: "s1", run: "r9", position: 1, role: .assistant, content: "whole")
        }
        #expect(
            try cellar.history(HistoryCommand(sessionID: session), live: live(1)).messages.texts("content") == ["whole"]
        )
    }

    @Test(arguments: [true, false]) func aPageEndsBeforeItsLineWouldPassAMebibyte(ascending: Bool) throws {
        let cellar = try filled(0)
        try cellar.write { batch in
            for place in 1...12 {
                // Quotes double when they are escaped.
                batch.addMessage(
                    "m\(100 + place)", session: "s1", run: "r1", position: Int64(place),
                    content: String(repeating: "\"", count: 100_000))
            }
        }
        var seen: [String] = []
        var pages = 0
        var command = HistoryCommand(sessionID: session, ascending: ascending)
        repeat {
            let result = cellar.reader.snapshot { reader throws(StoreError) in
                try reader.read(.history(command, live: nil))
            }
            #expect(try result.get().count < Limits.replyBytes)
            let page = try cellar.history(command)
            #expect(!page.messages.isEmpty)
            seen = ascending ? seen + page.messages.texts("message_id") : page.messages.texts("message_id") + seen
            command.cursor = page.next
            pages += 1
        } while command.cursor != nil && pages < 20
        #expect(pages > 1)
        #expect(seen == (1...12).map { "m\(100 + $0)" })
    }

    @Test func aSessionThatIsMissingOrSomebodyElsesIsNotFound() throws {
        let cellar = try filled(1, user: "u1")
        #expect(
            try cellar.history(HistoryCommand(sessionID: session, userID: UserID(trusted: "u1"))).messages.count == 1)
        for command in [
            HistoryCommand(sessionID: SessionID(trusted: "s9")),
            HistoryCommand(sessionID: session, userID: UserID(trusted: "u2")),
        ] {
            let error = try cellar.refusal(.history(command, live: nil))
            #expect(error.code == .sessionNotFound)
            #expect(error.message == "there is no session named \(command.sessionID)")
        }
        let unowned = try filled(1)
        let stranger = HistoryCommand(sessionID: session, userID: UserID(trusted: "u1"))
        #expect(try unowned.refusal(.history(stranger, live: nil)).code == .sessionNotFound)
    }

    @Test func aCursorOfAnotherWalkIsRefused() throws {
        let cellar = try filled(7)
        try cellar.write { $0.addSession("s2") }
        let descending = try #require(try cellar.history(HistoryCommand(sessionID: session, limit: 2)).next)
        let ascending = try #require(
            try cellar.history(HistoryCommand(sessionID: session, limit: 2, ascending: true)).next)
        for command in [
            HistoryCommand(sessionID: session, cursor: ascending),
            HistoryCommand(sessionID: session, cursor: descending, ascending: true),
            HistoryCommand(sessionID: SessionID(trusted: "s2"), cursor: descending),
            HistoryCommand(sessionID: session, cursor: "sessions/1/s1"),
        ] { #expect(try cellar.refusal(.history(command, live: nil)).code == .invalidParams) }
    }
}
