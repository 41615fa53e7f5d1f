import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct HistoryWindowTests {
    private let note = "User halted response"

    private func message(
        _ run: String, _ role: Role, _ content: String, interrupted: Bool = false, error: ErrorCode? = nil
    ) -> Message {
        let now = Timestamp(milliseconds: 1)
        return Message(
            messageID: MessageID(trusted: "\(run)-\(role)"), runID: RunID(trusted: run), step: 1, position: 1,
            role: role, content: content, createdAt: now, completedAt: now, interrupted: interrupted,
            error: error.map { ErrorRecord($0, "it went wrong") })
    }

    private func told(
        _ stored: [Message], turns: Int = 20, _ policy: HistoryWindow.StoppedTurns = .note, note: String? = nil
    ) -> [String] {
        HistoryWindow.messages(of: stored, turns: turns, stoppedTurns: policy, haltNote: note ?? self.note)
            .map { "\($0.role): \($0.content)" }
    }

    private func stopped(_ content: String, _ role: Role = .assistant) -> [Message] {
        [
            message("r1", .user, "first"), message("r1", .assistant, content, interrupted: true),
            message("r2", .user, "second"), message("r2", .assistant, "fine"),
        ]
    }

    @Test func tellsTheLastTurnsWhole() {
        let turns = (1...3).flatMap { turn in
            [
                message("r\(turn)", .user, "ask \(turn)"), message("r\(turn)", .assistant, ""),
                message("r\(turn)", .tool, "found"), message("r\(turn)", .assistant, "answer \(turn)"),
            ]
        }
        let last = ["user: ask 3", "assistant: ", "tool: found", "assistant: answer 3"]
        #expect(told(turns, turns: 1) == last)
        #expect(told(turns, turns: 2).count == 8)
        #expect(told(turns, turns: 3).count == 12)
        #expect(told(turns, turns: 99).count == 12)
        #expect(told(turns, turns: 0) == [])
        #expect(told([]) == [])
    }

    @Test func tellsAStoppedTurnWithItsMark() {
        #expect(
            told(stopped("Half\n\n\(note)"))
                == ["user: first", "assistant: Half\n\n\(note)", "user: second", "assistant: fine"])
    }

    @Test func tellsAStoppedTurnWithoutItsMarkWhereThatIsWanted() {
        #expect(told(stopped("Half\n\n\(note)"), .plain)[1] == "assistant: Half")
        #expect(told(stopped(note), .plain)[1] == "assistant: [no answer]")
        #expect(told(stopped("Half"), .plain)[1] == "assistant: Half")
        #expect(told(stopped("Half"), .plain, note: "")[1] == "assistant: Half")
    }

    @Test func takesTheMarkOnlyFromStoppedTurns() {
        let quoting = [message("r1", .user, "what?"), message("r1", .assistant, "It says: \(note)")]
        #expect(told(quoting, .plain)[1] == "assistant: It says: \(note)")
        let asked = [message("r1", .user, note), message("r1", .assistant, "Half", interrupted: true)]
        #expect(told(asked, .plain)[0] == "user: \(note)")
    }

    @Test func leavesStoppedTurnsOutWhereThatIsWanted() {
        #expect(told(stopped("Half\n\n\(note)"), .exclude) == ["user: second", "assistant: fine"])
        let failed = [message("r1", .user, "ask"), message("r1", .assistant, "[error: x]", error: .modelStalled)]
        #expect(told(failed, .exclude) == ["user: ask", "assistant: [error: x]"])
    }

    @Test(arguments: HistoryWindow.StoppedTurns.allCases.filter { $0 != .exclude })
    func givesAnAnswerWithoutAWordAStandIn(_ policy: HistoryWindow.StoppedTurns) {
        #expect(told(stopped(""), policy)[1] == "assistant: [no answer]")
        let failed = [message("r1", .user, "ask"), message("r1", .assistant, "", error: .modelStalled)]
        #expect(told(failed, policy)[1] == "assistant: [no answer]")
    }

    @Test func givesAnAnswerThatTheModelLeftEmptyAStandIn() {
        let empty = [message("r1", .user, "ask"), message("r1", .assistant, "")]
        #expect(told(empty) == ["user: ask", "assistant: [no answer]"])
    }

    @Test func anAnswerThatOnlyCallsStaysEmpty() {
        let calling = [
            message("r1", .user, "ask"), message("r1", .assistant, "", interrupted: true),
            message("r1", .tool, "found"),
        ]
        #expect(told(calling) == ["user: ask", "assistant: ", "tool: found"])
    }

    @Test func doesNotChangeWhatIsWhole() {
        let whole = [message("r1", .user, " ask\n"), message("r1", .assistant, "fine\n\n")]
        for policy in HistoryWindow.StoppedTurns.allCases {
            #expect(
                HistoryWindow.messages(of: whole, turns: 9, stoppedTurns: policy, haltNote: note) == whole)
        }
    }
}
