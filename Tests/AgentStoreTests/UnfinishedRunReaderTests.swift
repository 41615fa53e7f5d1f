import AgentProtocol
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct UnfinishedRunReaderTests {
    @Test func findsNothingInAnEmptyLedgerOrWhenAllHasEnded() throws {
        let cellar = try Cellar()
        #expect(try UnfinishedRunReader.read(on: cellar.writer.connection).isEmpty)
        try cellar.write { batch in
            for (number, status) in [RunStatus.completed, .interrupted, .error].enumerated() {
                batch.addRun("r\(number)", session: "s1")
                batch.endRun("r\(number)", status: status)
            }
        }
        #expect(try UnfinishedRunReader.read(on: cellar.writer.connection).isEmpty)
    }

    @Test func tellsAllThatTheLedgerKnowsOfARunWithoutAnEnd() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1")
            batch.addRun("r1", session: "s1", createdAt: 1, question: "m1")
            batch.addMessage("m1", session: "s1", run: "r1", position: 1)
            batch.add(.runStarted, run: "r1", seq: 1)
            batch.addText("done", run: "r1", seq: 2)
            batch.add(.runCompleted, run: "r1", seq: 3)
            batch.endRun("r1")
        }
        try cellar.write { batch in
            batch.addRun("r2", session: "s1", createdAt: 2, question: "m2")
            batch.addMessage("m2", session: "s1", run: "r2", position: 2)
            batch.add(.runStarted, run: "r2", seq: 1)
            batch.addSession("s2")
            batch.addRun("r3", session: "s2", createdAt: 3, question: "m3")
            batch.addMessage("m3", session: "s2", run: "r3", position: 1)
            batch.add(.runStarted, run: "r3", seq: 1)
        }
        try cellar.write { batch in
            batch.addText("Hel", run: "r2", seq: 2, message: "m5")
            batch.addText("other", run: "r3", seq: 2, message: "m6")
            batch.addText("lo", run: "r2", seq: 3, message: "m5")
            // What a closed step left behind and nobody has swept is no part of what is open.
            batch.addText("stale", run: "r2", seq: 2, message: "m4")
            batch.addMessage("m4", session: "s1", run: "r2", position: 3, role: .assistant, content: "step one")
            batch.append(.stopRequested(RunID(trusted: "r3"), at: Timestamp(milliseconds: 5), reason: "enough"))
        }
        let found = try UnfinishedRunReader.read(on: cellar.writer.connection)
        #expect(found.map(\.record.runID.text) == ["r2", "r3"])
        #expect(found.map { $0.events.map(\.seq) } == [[1], [1]])
        #expect(found.map { $0.deltas.map(\.seq) } == [[2, 3], [2]])
        #expect(found[0].events.map(\.kind) == [.runStarted])
        #expect(found[0].deltas.map(\.content) == ["Hel", "lo"])
        #expect(found.map { $0.messages.map(\.messageID.text) } == [["m2", "m4"], ["m3"]])
        #expect(found.map { $0.messages.last?.position } == [3, 1])
        #expect(found.map(\.digest?.text) == found.map { InputDigest(RunCommand(input: $0.record.runID.text)).text })
        #expect(found.map(\.isStopRequested) == [false, true])
        #expect(found.map(\.stopReason) == [nil, "enough"])
    }

    /// What the wire lets through stands one level deeper in an event; a daemon that cannot read it back cannot start.
    @Test func readsArgumentsThatAreAsDeepAsTheWireAllows() throws {
        let depth = Limits.jsonDepth
        let arguments = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        #expect(throws: Never.self) { try JSONReader.read(arguments) }
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addRun("r1", session: "s1")
            batch.add(.toolCallStarted, run: "r1", seq: 1, payload: #"{"tool_arguments":\#(arguments)}"#)
        }
        #expect(try UnfinishedRunReader.read(on: cellar.writer.connection).first?.events.count == 1)
    }

    @Test func whatItFoundIsClosedOnceAndForAll() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1")
            batch.addRun("r1", session: "s1", question: "m1")
            batch.addMessage("m1", session: "s1", run: "r1", position: 1)
            batch.add(.runStarted, run: "r1", seq: 1)
            batch.add(.runContent, run: "r1", seq: 2, payload: #"{"content":"Half a","message_id":"m2"}"#)
        }
        let unfinished = try UnfinishedRunReader.read(on: cellar.writer.connection)
        try cellar.write { batch in
            let kept = RunRecovery.recover(
                unfinished, agents: [], haltNote: "halted", environment: FixedEnvironment(), into: batch)
            #expect(kept.isEmpty)
        }
        #expect(try UnfinishedRunReader.read(on: cellar.writer.connection).isEmpty)
        let page = try cellar.history(HistoryCommand(sessionID: SessionID(trusted: "s1")))
        #expect(page.messages.texts("message_id") == ["m1", "m2"])
        #expect(page.messages.last?["content"]?.string == "Half a\n\n[error: daemon_restart]")
    }
}

/// A world in which nothing changes.
private final class FixedEnvironment: Environment {
    func now() -> Timestamp { Timestamp(milliseconds: 50) }
    func makeName() -> String { "name" }

    func random() -> Double { 0 }
    func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer { fatalError("nothing has a deadline here") }
}
