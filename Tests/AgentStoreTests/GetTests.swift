import AgentEngine
import AgentProtocol
import Testing

/// `get`.
@Suite struct GetTests {
    /// Longer than a record shows, with characters of every width and some that escaping makes longer.
    private static let long = String(repeating: "aé漢👋\"\n", count: 60_000)

    private func filled() throws -> Cellar {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1", user: "u1")
            batch.addRun("r1", session: "s1", user: "u1", question: "m1", request: #"{"metadata":{"k":1}}"#)
            batch.addMessage("m1", session: "s1", run: "r1", position: 1)
            batch.addMessage("m2", session: "s1", run: "r1", position: 2, role: .assistant, content: "Let me see.")
            batch.addMessage("m3", session: "s1", run: "r1", position: 3, role: .tool, content: "12:00")
            batch.addMessage("m4", session: "s1", run: "r1", position: 4, role: .assistant, content: "")
            batch.addMessage("m5", session: "s1", run: "r1", position: 5, role: .assistant, content: "Noon.")
        }
        return cellar
    }

    @Test func aRunsContentIsWhatItsStepsSaid() throws {
        let run = try #require(
            try filled().ask(.get(GetCommand(runID: RunID(trusted: "r1")), live: nil))["run"]?.object)
        #expect(run["content"]?.string == "Let me see.\n\nNoon.")
        #expect(run["status"]?.string == "running")
        #expect(run["metadata"]?.object == ["k": .number(JSONNumber(1))])
        #expect(run["requirements"] == .array([]))
    }

    @Test func aLiveRunShowsWhatItHasSaidSoFar() throws {
        let cellar = try filled()
        let live = LiveAnswer(
            message: .made("m6", run: "r1", position: 6, role: .assistant, content: "So"), content: "Noon.\n\nSo",
            lastSeq: 7)
        let command = GetCommand(runID: RunID(trusted: "r1"))
        let running = try cellar.ask(.get(command, live: live))["run"]?.object
        #expect(running?["content"]?.string == "Noon.\n\nSo")
        #expect(running?["last_seq"]?.int64 == 7)
        // The run ended between the question and the look: the ledger is right.
        try cellar.write { $0.endRun("r1", lastSeq: 9) }
        let ended = try cellar.ask(.get(command, live: live))["run"]?.object
        #expect(ended?["content"]?.string == "Let me see.\n\nNoon.")
        #expect(ended?["last_seq"]?.int64 == 9)
    }

    @Test func aRunThatIsMissingOrSomebodyElsesIsNotFound() throws {
        let cellar = try filled()
        let mine = GetCommand(runID: RunID(trusted: "r1"), userID: UserID(trusted: "u1"))
        #expect(try cellar.ask(.get(mine, live: nil))["run"] != nil)
        for command in [
            GetCommand(runID: RunID(trusted: "r9")),
            GetCommand(runID: RunID(trusted: "r1"), userID: UserID(trusted: "u2")),
        ] { #expect(try cellar.refusal(.get(command, live: nil)).code == .runNotFound) }
    }

    @Test func aMessageThatIsMissingOrSomebodyElsesIsRefusedAlike() throws {
        let cellar = try filled()
        let mine = GetCommand(messageID: MessageID(trusted: "m5"), userID: UserID(trusted: "u1"))
        #expect(try cellar.ask(.get(mine, live: nil))["message"]?.object?["content"]?.string == "Noon.")
        let missing = try cellar.refusal(.get(GetCommand(messageID: MessageID(trusted: "m9")), live: nil))
        let foreign = try cellar.refusal(
            .get(GetCommand(messageID: MessageID(trusted: "m5"), userID: UserID(trusted: "u2")), live: nil))
        #expect(missing == foreign)
        #expect(missing.code == .invalidParams)
    }

    /// Asks from the end of the last piece on until nothing is missing.
    private func rebuild(_ record: (Int) throws -> JSONObject?) throws -> (text: String, pieces: Int) {
        var text = ""
        var pieces = 0
        while pieces < 50 {
            let piece = try #require(try record(text.utf8.count))
            let content = try #require(piece["content"]?.string)
            text += content
            pieces += 1
            guard piece["clipped"]?.bool == true else { break }
            #expect(piece["bytes"]?.int64 == Int64(Self.long.utf8.count))
            #expect(!content.isEmpty)
        }
        return (text, pieces)
    }

    @Test func offsetsRebuildAClippedMessage() throws {
        let cellar = try filled()
        try cellar.write {
            $0.addMessage("m6", session: "s1", run: "r1", position: 6, role: .assistant, content: Self.long)
        }
        let history = try cellar.history(HistoryCommand(sessionID: SessionID(trusted: "s1"), limit: 1)).messages
        #expect(history.first?["clipped"]?.bool == true)
        let whole = try rebuild { offset in
            try cellar.ask(.get(GetCommand(messageID: MessageID(trusted: "m6"), offset: offset), live: nil))["message"]?
                .object
        }
        #expect(whole.pieces > 2)
        #expect(whole.text == Self.long)
    }

    @Test func offsetsRebuildAClippedRun() throws {
        let cellar = try Cellar()
        try cellar.write { batch in
            batch.addSession("s1")
            batch.addRun("r1", session: "s1", question: "m1")
            batch.addMessage("m1", session: "s1", run: "r1", position: 1)
            batch.addMessage("m2", session: "s1", run: "r1", position: 2, role: .assistant, content: Self.long)
        }
        let whole = try rebuild { offset in
            try cellar.ask(.get(GetCommand(runID: RunID(trusted: "r1"), offset: offset), live: nil))["run"]?.object
        }
        #expect(whole.pieces > 2)
        #expect(whole.text == Self.long)
    }
}
