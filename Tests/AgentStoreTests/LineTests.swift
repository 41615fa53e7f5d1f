import AgentProtocol
import Testing

@testable import AgentEngine
@testable import AgentStore

/// Rows of runs that wait in line.
@Suite struct LineTests {
    private let cellar: Cellar

    /// A session with a turn that is over, a live run in its third turn, and two that wait.
    init() throws {
        cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1")
            batch.addRun("r1", session: "s1", createdAt: 1, question: "m1")
            batch.addMessage("m1", session: "s1", run: "r1", position: Self.place(1))
            batch.addMessage("m2", session: "s1", run: "r1", position: Self.place(1, 1), role: .assistant)
            batch.endRun("r1")
            batch.addRun("r2", session: "s1", createdAt: 2, question: "m3", status: .queued, isBound: true)
            batch.addMessage("m3", session: "s1", run: "r2", position: Self.place(2))
            batch.addRun("r3", session: "s1", createdAt: 2, question: "m4")
            batch.addMessage("m4", session: "s1", run: "r3", position: Self.place(3))
            batch.addMessage("m5", session: "s1", run: "r3", position: Self.place(3, 1), role: .assistant)
            batch.addRun(
                "r0", session: "s1", createdAt: 2, question: "m6", request: #"{"on_busy":"replace"}"#, status: .queued)
            batch.addMessage("m6", session: "s1", run: "r0", position: Self.place(4))
        }
    }

    private static func place(_ turn: Int64, _ index: Int64 = 0) -> Int64 { TurnPosition.question(of: turn) + index }

    private func turn(_ query: TurnQuery) throws -> TurnFacts {
        try cellar.reader.snapshot { reader throws(StoreError) in try reader.turn(query) }.get()
    }

    private func query(turns: Int, before turn: Int64, excluding: [String]) -> TurnQuery {
        TurnQuery(
            sessionID: SessionID(trusted: "s1"), question: MessageID(trusted: "m3"), turns: turns,
            before: Self.place(turn), excluding: Set(excluding.map(RunID.init(trusted:))))
    }

    @Test func tellsARunWhatWasSaidBeforeItsTurnAndNotWhatWaits() throws {
        let own = try turn(query(turns: 9, before: 2, excluding: ["r2"]))
        #expect(own.question.messageID.text == "m3" && own.question.content == "hi")
        #expect(own.messages.map(\.messageID.text) == ["m1", "m2"])
        let moved = try turn(query(turns: 9, before: 5, excluding: ["r2", "r0"]))
        #expect(moved.messages.map(\.messageID.text) == ["m1", "m2", "m4", "m5"])
        // What is left out uses up no turn.
        let short = try turn(query(turns: 1, before: 5, excluding: ["r2", "r0"]))
        #expect(short.messages.map(\.messageID.text) == ["m4", "m5"])
        #expect(try turn(query(turns: 0, before: 5, excluding: [])).messages.isEmpty)
    }

    @Test func aSessionIsListedOnceWithItsLiveRunOrElseTheFirstInLine() throws {
        func active() throws -> [String?] {
            let items = try cellar.list(ListCommand()).items
            #expect(items.count == 1)
            return [items.first?["active_run_id"]?.string, items.first?["active_status"]?.string]
        }
        #expect(try active() == ["r3", "running"])
        try cellar.write { $0.endRun("r3") }
        #expect(try active() == ["r2", "queued"])
        try cellar.write { $0.endRun("r2") }
        try cellar.write { $0.endRun("r0") }
        #expect(try active() == [nil, nil])
    }

    @Test func aRunThatBeginsIsRunningAndItsQuestionHasItsNewPlace() throws {
        try cellar.write { batch in
            batch.append(.messageMoved(MessageID(trusted: "m3"), to: Self.place(5)))
            batch.append(
                .runBegan(RunID(trusted: "r2"), at: Timestamp(milliseconds: 77), model: "m", provider: "p"))
        }
        let runs = try cellar.list(ListCommand(kind: .runs, status: .running)).items
        #expect(runs.texts("run_id") == ["r3", "r2"])
        #expect(runs.last?["started_at"]?.int64 == 77)
        #expect(runs.texts("model") == ["m"] && runs.texts("provider") == ["p"])
        let history = try cellar.history(HistoryCommand(sessionID: SessionID(trusted: "s1")))
        #expect(history.messages.texts("message_id") == ["m1", "m2", "m4", "m5", "m6", "m3"])
    }

    @Test func theNextProcessFindsTheLineInTheOrderOfAcceptance() throws {
        var found = try UnfinishedRunReader.read(on: cellar.writer.connection)
        #expect(found.map(\.record.runID.text) == ["r2", "r3", "r0"])
        #expect(found.map(\.record.status) == [.queued, .running, .queued])
        #expect(found.map(\.isBound) == [true, false, false])
        #expect(found.map(\.isInFront) == [false, false, true])
        #expect(found.allSatisfy { $0.lastTurn == 4 && $0.lastBegunTurn == 3 })
        #expect(found.map { $0.messages.map(\.messageID.text) } == [["m3"], ["m4", "m5"], ["m6"]])
        try cellar.write { $0.append(.runUnbound(RunID(trusted: "r2"))) }
        found = try UnfinishedRunReader.read(on: cellar.writer.connection)
        #expect(found.allSatisfy { !$0.isBound })
    }
}
