import AgentEngine
import AgentProtocol
import Testing

/// `list` of runs.
@Suite struct RunListTests {
    private func names(_ cellar: Cellar, _ command: ListCommand) throws -> [String] {
        try cellar.list(command).items.texts("run_id")
    }

    private func filled() throws -> Cellar {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addRun("r1", session: "s1", user: "u1", agent: "a1", createdAt: 1)
            batch.addRun("r3", session: "s1", user: "u1", agent: "a1", createdAt: 2)
            batch.addRun("r2", session: "s2", user: "u1", agent: "a2", createdAt: 2)
            batch.addRun("r4", session: "s3", user: nil, agent: "a1", createdAt: 3)
            batch.endRun("r1")
            batch.endRun("r2", status: .interrupted)
        }
        return cellar
    }

    @Test func theLatestComesFirstAlsoOfEqualTimes() throws {
        #expect(try names(filled(), ListCommand(kind: .runs)) == ["r4", "r2", "r3", "r1"])
    }

    @Test func filtersByUserSessionAgentAndStatus() throws {
        let cellar = try filled()
        let (u1, s1, a1) = (UserID(trusted: "u1"), SessionID(trusted: "s1"), AgentName(trusted: "a1"))
        #expect(try names(cellar, ListCommand(kind: .runs, userID: u1)) == ["r2", "r3", "r1"])
        #expect(try names(cellar, ListCommand(kind: .runs, sessionID: s1)) == ["r3", "r1"])
        #expect(try names(cellar, ListCommand(kind: .runs, agent: a1)) == ["r4", "r3", "r1"])
        #expect(try names(cellar, ListCommand(kind: .runs, status: .running)) == ["r4", "r3"])
        #expect(try names(cellar, ListCommand(kind: .runs, status: .interrupted)) == ["r2"])
        #expect(
            try names(cellar, ListCommand(kind: .runs, userID: u1, agent: a1, sessionID: s1, status: .completed))
                == ["r1"])
    }

    @Test func leavesOutWhatOnlyOneRunShows() throws {
        let item = try #require(try filled().list(ListCommand(kind: .runs)).items.last)
        #expect(item["content"] == nil)
        #expect(item["requirements"] == nil)
        #expect(item["usage"]?.object?["input_tokens"]?.int64 == 3)
        #expect(item["stop_reason"]?.string == "stop")
        #expect(item["status"]?.string == "completed")
    }

    @Test func pagesHaveNeitherGapNorDuplicate() throws {
        let cellar = try Cellar()
        let expected = (0..<100).map { "r\(1_000 + $0)" }
        try cellar.write { batch in
            for (place, name) in expected.enumerated() {
                batch.addRun(name, session: "s\(place)", createdAt: Int64(place / 10))
            }
        }
        var seen: [String] = []
        var command = ListCommand(kind: .runs, limit: 7)
        repeat {
            let page = try cellar.list(command)
            seen += page.items.texts("run_id")
            command.cursor = page.next
        } while command.cursor != nil && seen.count < 200
        #expect(seen == expected.reversed())
    }

    @Test(arguments: ["sessions/1/s1", "runs/1", "x"]) func aForeignCursorIsRefused(cursor: String) throws {
        #expect(try Cellar().refusal(.list(ListCommand(kind: .runs, cursor: cursor))).code == .invalidParams)
    }
}
