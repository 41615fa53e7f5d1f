import AgentProtocol
import CSQLite
import Testing

@testable import AgentEngine
@testable import AgentStore

/// `list` of sessions.
@Suite struct SessionListTests {
    private func names(_ cellar: Cellar, _ command: ListCommand) throws -> [String] {
        try cellar.list(command).items.texts("session_id")
    }

    @Test func theLatestComesFirstAndEqualOnesByName() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            for (name, time) in [("b", 5), ("a", 5), ("z", 9), ("c", 1), ("C", 5)] as [(String, Int64)] {
                batch.addSession(name, updatedAt: time)
            }
        }
        #expect(try names(cellar, ListCommand()) == ["z", "C", "a", "b", "c"])
        try cellar.write { $0.touch("c", at: 10) }
        #expect(try names(cellar, ListCommand()) == ["c", "z", "C", "a", "b"])
    }

    @Test func filtersByUserAgentAndWhetherItIsActive() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", user: "u1", agent: "a1", updatedAt: 4)
            batch.addSession("s2", user: "u1", agent: "a2", updatedAt: 3)
            batch.addSession("s3", user: "u2", agent: "a1", updatedAt: 2)
            batch.addSession("s4", user: nil, agent: "a1", updatedAt: 1)
            batch.addSession("s5", user: "u1", agent: "a1", updatedAt: 0, isActive: false)
        }
        let (u1, a1) = (UserID(trusted: "u1"), AgentName(trusted: "a1"))
        #expect(try names(cellar, ListCommand()) == ["s1", "s2", "s3", "s4"])
        #expect(try names(cellar, ListCommand(userID: u1)) == ["s1", "s2"])
        #expect(try names(cellar, ListCommand(agent: a1)) == ["s1", "s3", "s4"])
        #expect(try names(cellar, ListCommand(userID: u1, agent: a1)) == ["s1"])
        #expect(try names(cellar, ListCommand(isActive: true)) == ["s1", "s2", "s3", "s4"])
        #expect(try names(cellar, ListCommand(isActive: false)) == ["s5"])
        #expect(try names(cellar, ListCommand(userID: UserID(trusted: "u9"))) == [])
        #expect(try names(cellar, ListCommand(userID: u1, limit: 1)) == ["s1"])
    }

    @Test func showsTheLiveRunAndWhereItStands() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", updatedAt: 3)
            batch.addRun("r1", session: "s1")
            batch.addSession("s2", updatedAt: 2)
            batch.addRun("r2", session: "s2")
            batch.append(.stopRequested(RunID(trusted: "r2"), at: Timestamp(milliseconds: 1), reason: nil))
            batch.addSession("s3", updatedAt: 1)
            batch.addRun("r3", session: "s3")
            batch.endRun("r3")
        }
        let items = try cellar.list(ListCommand()).items
        #expect(items.map { $0["active_run_id"] } == [.string("r1"), .string("r2"), .null])
        #expect(items.map { $0["active_status"] } == [.string("running"), .string("stopping"), .null])
    }

    @Test(arguments: [false, true]) func pagesHaveNeitherGapNorDuplicate(whileInserting: Bool) throws {
        let cellar = try Cellar()
        let expected = (0..<1_000).map { "s\(10_000 + $0)" }
        // Ten of each moment, so that pages end in the middle of equal times.
        try cellar.write { batch in
            for (place, name) in expected.enumerated() { batch.addSession(name, updatedAt: Int64(1_000 - place / 10)) }
        }
        var seen: [String] = []
        var command = ListCommand(limit: 7)
        var inserted = 0
        repeat {
            let page = try cellar.list(command)
            #expect(page.items.count == 7 || page.next == nil)
            seen += page.items.texts("session_id")
            command.cursor = page.next
            if whileInserting {
                try cellar.write { $0.addSession("new-\(inserted)", updatedAt: 2_000) }
                inserted += 1
            }
        } while command.cursor != nil && seen.count < 2_000
        #expect(seen == expected)
    }

    @Test func thePageThatHoldsTheLastHasNoNext() throws {
        let cellar = try Cellar()
        try cellar.write { batch in for number in 1...14 { batch.addSession("s\(number)") } }
        let first = try cellar.list(ListCommand(limit: 7))
        #expect(first.next != nil)
        let second = try cellar.list(ListCommand(limit: 7, cursor: first.next))
        #expect(second.items.count == 7)
        #expect(second.next == nil)
    }

    @Test(arguments: [
        "runs/1/r1", "history-asc/1/s1", "sessions/1", "sessions//s1", "sessions/-1/s1", "sessions/x/s1", "garbage", "",
        "sessions/99999999999999999999/s1",
    ]) func aForeignCursorIsRefused(cursor: String) throws {
        let error = try Cellar().refusal(.list(ListCommand(cursor: cursor)))
        #expect(error.code == .invalidParams)
        #expect(error.fields["field"] == .string("cursor"))
    }

    /// What a client may choose must not decide how many statements are kept.
    @Test func askingWithEveryLimitKeepsOneStatement() throws {
        let cellar = try Cellar()
        for limit in 1...Limits.pageMax {
            _ = try cellar.list(ListCommand(limit: limit))
            _ = try cellar.list(ListCommand(kind: .runs, limit: limit))
        }
        var count = 0
        var statement = sqlite3_next_stmt(cellar.reader.connection.handle, nil)
        while let current = statement {
            count += 1
            statement = sqlite3_next_stmt(cellar.reader.connection.handle, current)
        }
        #expect(count < 10)
    }
}

extension LedgerBatch {
    fileprivate func touch(_ session: String, at time: Int64) {
        append(.sessionTouched(SessionID(trusted: session), at: Timestamp(milliseconds: time)))
    }
}
