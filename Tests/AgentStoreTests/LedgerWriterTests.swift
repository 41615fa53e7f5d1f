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
            """
            SELECT run_id, seq, ts, event, payload, 0 AS id FROM ai_agent_run_events
            UNION ALL SELECT run_id, seq, ts, event, payload, id FROM ai_agent_run_deltas ORDER BY id
            """
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
        let events = try cellar.reader.connection.prepare("SELECT count(*) FROM ai_agent_run_deltas")
            .first { $0.integer(0) }
        #expect(events == 0)
        try cellar.write { $0.addSession("s3") }
        #expect(try cellar.list(ListCommand()).items.count == 2)
    }

    @Test func sweepsWhatClosedStepsLeftBehindAndNothingElse() throws {
        let cellar = try Cellar()
        func left() throws -> [Int64] {
            try cellar.reader.connection.prepare("SELECT seq FROM ai_agent_run_deltas ORDER BY id").rows {
                $0.integer(0) ?? 0
            }
        }
        try cellar.write { batch in for seq in 1...3000 { batch.addText("x", run: "r1", seq: Int64(seq)) } }
        #expect(try cellar.writer.sweep(before: 2500))
        #expect(try left().count == 3000 - 1024)
        while try cellar.writer.sweep(before: 2500) {}
        #expect(try left() == Array(2501...3000))
        #expect(try !cellar.writer.sweep(before: 2500))
        #expect(try left().count == 500)
    }

    @Test func aFileThatIsMostlyEmptyGivesItsPagesBack() throws {
        let cellar = try Cellar()
        func pages(_ pragma: String) throws -> Int64 {
            try cellar.reader.connection.prepare("PRAGMA \(pragma)").first { $0.integer(0) ?? 0 } ?? 0
        }
        let text = String(repeating: "0123456789", count: 100)
        try cellar.write { batch in for seq in 1...8000 { batch.addText(text, run: "r1", seq: Int64(seq)) } }
        #expect(try !cellar.writer.shrink())
        let full = try pages("page_count")
        while try cellar.writer.sweep(before: 8000) {}
        while try cellar.writer.shrink() {}
        #expect(try full > 2000 && pages("page_count") < 1100)
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
