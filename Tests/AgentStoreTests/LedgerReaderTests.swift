import AgentProtocol
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct LedgerReaderTests {
    @Test func seesOneSnapshotHoweverMuchIsWrittenMeanwhile() throws {
        let cellar = try Cellar()
        try cellar.write { $0.addSession("s1") }
        let counts = try cellar.reader.snapshot { reader throws(StoreError) -> Result<[Int], AgentError> in
            var counts: [Int] = []
            for round in 0..<3 {
                let rows = try reader.connection.prepare("SELECT session_id FROM ai_agent_sessions").rows { $0.text(0) }
                counts.append(rows.count)
                let batch = LedgerBatch()
                batch.addSession("new-\(round)")
                try cellar.writer.commit(batch, sealed: false)
            }
            return .success(counts)
        }.get()
        #expect(counts == [1, 1, 1])
        #expect(try cellar.list(ListCommand()).items.count == 4)
    }

    @Test func cannotWrite() throws {
        let cellar = try Cellar()
        #expect(throws: StoreError.self) {
            try cellar.reader.connection.execute("INSERT INTO ai_agent_ledger VALUES ('x', 1)")
        }
    }

    // MARK: Admission

    private func admission(_ cellar: Cellar, _ query: AdmissionQuery) throws -> AdmissionFacts {
        try cellar.reader.snapshot { reader throws(StoreError) in .success(try reader.admission(query)) }.get()
    }

    @Test func knowsNothingOfANewSessionAndRun() throws {
        let facts = try admission(
            Cellar(),
            AdmissionQuery(sessionID: SessionID(trusted: "s1"), runID: RunID(trusted: "r1"), turns: 5))
        #expect(facts.session == nil)
        #expect(facts.known == nil)
        #expect(facts.lastTurn == 0)
        #expect(facts.messages.isEmpty)
    }

    @Test func tellsTheSessionTheRunAndTheLastTurn() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", user: "u1", updatedAt: 7, metadata: ["k": .string("v")])
            batch.addRun("r1", session: "s1", user: "u1")
            batch.addMessage("m1", session: "s1", run: "r1", position: 5 << 20)
            batch.addMessage("m2", session: "s1", run: "r1", position: 5 << 20 + 7, role: .assistant)
            batch.addSession("s2")
            batch.addMessage("m3", session: "s2", run: "r1", position: 9 << 20)
        }
        let facts = try admission(
            cellar, AdmissionQuery(sessionID: SessionID(trusted: "s1"), runID: RunID(trusted: "r1"), turns: 0))
        #expect(facts.session?.userID == UserID(trusted: "u1"))
        #expect(facts.session?.metadata == ["k": .string("v")])
        #expect(facts.session?.activeRunID == RunID(trusted: "r1"))
        #expect(facts.known?.record.runID.text == "r1")
        #expect(facts.known?.digest == InputDigest(RunCommand(input: "r1")))
        #expect(facts.lastTurn == 5)
        #expect(facts.messages.isEmpty)
    }

    @Test func givesTheLastTurnsWholeAndOldestFirst() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1")
            var position: Int64 = 0
            for turn in 1...5 {
                // Turn n has n + 1 messages.
                for place in 0...turn {
                    position += 1
                    batch.addMessage(
                        "m\(turn).\(place)", session: "s1", run: "r\(turn)", position: position,
                        role: place == 0 ? .user : .assistant, content: "turn \(turn), message \(place)")
                }
            }
        }
        for turns in 0...7 {
            let facts = try admission(
                cellar, AdmissionQuery(sessionID: SessionID(trusted: "s1"), runID: nil, turns: turns))
            let expected = (1...5).suffix(turns).flatMap { turn in (0...turn).map { "m\(turn).\($0)" } }
            #expect(facts.messages.map(\.messageID.text) == expected)
        }
    }

    // MARK: Finished runs

    private func finished(_ cellar: Cellar, _ query: FinishedQuery) throws -> RunRecord? {
        try cellar.reader.snapshot { reader throws(StoreError) in try reader.finished(query) }.get()
    }

    @Test func findsARunByItsNameAndTheLatestOfASession() throws {
        let cellar = try Cellar()
        let session = SessionID(trusted: "s1")
        try cellar.write { batch in
            batch.addSession("s1", user: "u1")
            for number in 1...3 { batch.addRun("r\(number)", session: "s1", createdAt: Int64(number)) }
            batch.endRun("r3", status: .error, error: ErrorRecord(.modelAuth, "no key", httpStatus: 401))
        }
        let named = try #require(try finished(cellar, .run(RunID(trusted: "r3"))))
        #expect(named.status == .error)
        #expect(named.error == ErrorRecord(.modelAuth, "no key", httpStatus: 401))
        #expect(named.usage?.inputTokens == 3)
        #expect(named.lastSeq == 9)
        #expect(try finished(cellar, .run(RunID(trusted: "r9"))) == nil)
        #expect(try finished(cellar, .latest(session, userID: nil))?.runID.text == "r3")
        #expect(try finished(cellar, .latest(session, userID: UserID(trusted: "u1")))?.runID.text == "r3")
        #expect(try finished(cellar, .latest(session, userID: UserID(trusted: "u2"))) == nil)
        #expect(try finished(cellar, .latest(SessionID(trusted: "s9"), userID: nil)) == nil)
    }
}
