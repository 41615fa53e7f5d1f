import AgentProtocol
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct LedgerWriterTests {
    @Test func writesEventsAsTheyWereGiven() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.add(.runStarted, run: "r1", seq: 1, ts: 10, payload: #"{"status":"running"}"#)
            batch.addText("Grüße 👋", run: "r1", seq: 2)
            batch.add(.reasoningContent, run: "r2", seq: 1, ts: 30, payload: #"{"content":""}"#)
        }
        let rows = try cellar.reader.connection.prepare(
            "SELECT run_id, seq, ts, event, payload FROM ai_agent_run_events ORDER BY id"
        ).rows { row in (0..<5).map { row.text($0) ?? "" } }
        #expect(
            rows == [
                ["r1", "1", "10", "run_started", #"{"status":"running"}"#],
                ["r1", "2", "1", "run_content", #"{"content":"Grüße 👋","message_id":"m1"}"#],
                ["r2", "1", "30", "reasoning_content", #"{"content":""}"#],
            ])
    }

    @Test func aBatchThatFailsLeavesNothing() throws {
        let cellar = try Cellar()
        try cellar.write { $0.addSession("s1") }
        #expect(throws: StoreError.self) {
            try cellar.write { batch in
                batch.addText("x", run: "r1", seq: 1)
                batch.addSession("s2")
                batch.addSession("s1")
            }
        }
        #expect(try cellar.list(ListCommand()).items.texts("session_id") == ["s1"])
        let events = try cellar.reader.connection.prepare("SELECT count(*) FROM ai_agent_run_events")
            .first { $0.integer(0) }
        #expect(events == 0)
        try cellar.write { $0.addSession("s3") }
        #expect(try cellar.list(ListCommand()).items.count == 2)
    }

    @Test func remembersWhereARunsEventsBegin() throws {
        let cellar = try Cellar()
        try cellar.write { for seq in 1...5 { $0.addText("x", run: "r0", seq: Int64(seq)) } }
        try cellar.write { batch in
            batch.addText("x", run: "r0", seq: 6)
            batch.add(.runStarted, run: "r1", seq: 1)
            batch.addRun("r1", session: "s1")
        }
        let first = try cellar.reader.connection.prepare("SELECT first_event FROM ai_agent_runs").first {
            $0.integer(0)
        }
        let own = try cellar.reader.connection.prepare(
            "SELECT min(id) FROM ai_agent_run_events WHERE run_id = 'r1'"
        ).first { $0.integer(0) }
        #expect(try #require(first ?? nil) <= #require(own ?? nil))
        #expect(try #require(first ?? nil) == 6)
    }

    @Test func aSyncWritesARowOfItsOwn() throws {
        let cellar = try Cellar()
        try cellar.writer.sync(at: Timestamp(milliseconds: 5))
        try cellar.writer.sync(at: Timestamp(milliseconds: 6))
        let rows = try cellar.reader.connection.prepare("SELECT name, value FROM ai_agent_ledger")
            .rows { ($0.text(0) ?? "") + " \($0.integer(1) ?? 0)" }
        #expect(rows == ["synced_at 6"])
    }
}
