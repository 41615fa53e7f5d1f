import AgentEngine
import AgentProtocol
import Testing

@testable import AgentStore

/// What cannot be understood is an error to whoever asks, never a default value.
@Suite struct UnreadableRowTests {
    private func filled() throws -> Cellar {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", metadata: ["k": .null])
            batch.addRun("r1", session: "s1", question: "m1")
            batch.add(.runStarted, run: "r1", seq: 1)
            batch.addMessage("m1", session: "s1", run: "r1", position: 1)
            batch.addMessage(
                "m2", session: "s1", run: "r1", position: 2, role: .assistant, error: ErrorRecord(.shutdown, "bye"))
        }
        return cellar
    }

    private func isUnreadable(_ cellar: Cellar, _ query: ReadQuery) throws -> Bool {
        let error = try cellar.refusal(query)
        return error.code == .storageError && error.message.contains("unreadable")
    }

    @Test(arguments: [
        "role = 'wizard'", "error = '{'", "error = '[]'", "error = '{}'",
        #"error = '{"code":"odd","message":"x","retryable":true}'"#, "tool_arguments = '{'",
        "interrupted = 2",
    ]) func ofAMessage(damage: String) throws {
        let cellar = try filled()
        try cellar.tamper("UPDATE ai_agent_messages SET \(damage) WHERE message_id = 'm2'")
        #expect(try isUnreadable(cellar, .history(HistoryCommand(sessionID: SessionID(trusted: "s1")), live: nil)))
        #expect(try isUnreadable(cellar, .get(GetCommand(messageID: MessageID(trusted: "m2")), live: nil)))
        let query = AdmissionQuery(sessionID: SessionID(trusted: "s1"), runID: nil, turns: 1)
        let facts = cellar.reader.snapshot { reader throws(StoreError) in .success(try reader.admission(query)) }
        guard case .failure(let error) = facts else {
            Issue.record("the engine was told a default")
            return
        }
        #expect(error.code == .storageError)
    }

    @Test(arguments: [
        "status = 'dancing'", "error_code = 'odd'", "cancel_reason = 'mood'", "stop_reason = 'mood'", "request = '{'",
        "request = '7'", "error_code = 'shutdown', error_retryable = 1",
        "error_code = 'shutdown', error_message = 'bye'",
        "error_code = 'shutdown', error_message = 'bye', error_retryable = 2", "model_requests = 1",
        "model_requests = 1, usage_estimated = 0",
    ]) func ofARun(damage: String) throws {
        let cellar = try filled()
        try cellar.tamper("UPDATE ai_agent_runs SET \(damage)")
        #expect(try isUnreadable(cellar, .list(ListCommand(kind: .runs))))
        #expect(try isUnreadable(cellar, .get(GetCommand(runID: RunID(trusted: "r1")), live: nil)))
    }

    @Test(arguments: ["metadata = '{'", "metadata = '[]'", "is_active = 2"]) func ofASession(damage: String) throws {
        let cellar = try filled()
        try cellar.tamper("UPDATE ai_agent_sessions SET \(damage)")
        if !damage.hasPrefix("is_active") { #expect(try isUnreadable(cellar, .list(ListCommand()))) }
        #expect(try isUnreadable(cellar, .history(HistoryCommand(sessionID: SessionID(trusted: "s1")), live: nil)))
    }

    @Test(arguments: ["event = 'run_danced'", "payload = '{'", "payload = '[]'"])
    func ofAnEventOfAnUnfinishedRun(damage: String) throws {
        let cellar = try filled()
        try cellar.tamper("UPDATE ai_agent_run_events SET \(damage)")
        #expect(throws: StoreError.self) { try UnfinishedRunReader.read(on: cellar.writer.connection) }
    }

    @Test func aNumberThatIsNoneIsNotReadAsOne() throws {
        let cellar = try Cellar()
        let row = try cellar.reader.connection.prepare("SELECT NULL, '1', 1.0, 1, 2")
        #expect(try row.step())
        for column in 0..<3 as Range<Int32> {
            #expect(throws: StoreError.self) { try row.number(column, "number") }
            #expect(throws: StoreError.self) { try row.flag(column, "flag") }
        }
        #expect(throws: StoreError.self) { try row.text(0, "text") }
        #expect(try row.number(3, "number") == 1 && row.flag(3, "flag"))
        #expect(throws: StoreError.self) { try row.flag(4, "flag") }
    }

    @Test func theReaderGoesOnAfterwards() throws {
        let cellar = try filled()
        try cellar.tamper("UPDATE ai_agent_sessions SET metadata = '['")
        _ = try cellar.refusal(.list(ListCommand()))
        try cellar.tamper("UPDATE ai_agent_sessions SET metadata = NULL")
        #expect(try cellar.list(ListCommand()).items.count == 1)
    }
}
