import AgentProtocol
import ArgumentParser

extension DemoCommand.Performance {
    /// The mark that the daemon puts at the end of a stopped answer.
    private static let note = "User halted response"

    /// Checks that a stopped answer ends as what was shown of it, and with its mark.
    func checkStop(_ turn: Turn) throws(ClientFailure) {
        stage.received(turn.terminal.line)
        let milliseconds = turn.stop.map { Int($0.took / .milliseconds(1)) } ?? 0
        try stage.claim(
            "run_cancelled, reason stop, \(milliseconds) ms after the command",
            turn.isInterrupted && turn.terminal.string("reason") == "stop")
        try stage.claim("it holds what was shown and nothing else", turn.content == turn.shown)
        try stage.claim(
            "the answer was cut off in the middle and marked \"\(Self.note)\"",
            turn.content.hasPrefix(turn.stop?.shown ?? turn.content) && turn.content.hasSuffix("\n\n\(Self.note)"))
    }

    /// Asks on after a stopped answer, and checks what can be known of its way to the model.
    func checkMemory(of stopped: Turn) throws(ClientFailure) -> Turn {
        guard model != nil else {
            let turn = try converse("What did you just say?")
            try stage.claim(
                "the model was sent the stopped answer, word for word with its mark",
                turn.content.contains("\"\(stopped.content)\""))
            return turn
        }
        let last = try history(of: session).last
        try stage.claim(
            "the history that goes to the model ends with the stopped answer, word for word with its mark",
            last?["role"]?.string == "assistant" && last?["interrupted"]?.bool == true
                && last?["content"]?.string == stopped.content)
        let turn = try converse("Quote the last words that you said before I stopped you.")
        try stage.claim("the next request was accepted and answered to its end", turn.terminal.kind == .runCompleted)
        stage.remark("Checked are the history and the accepted request; what a model says of it is for you to judge.")
        return turn
    }

    /// Checks that the session and its runs are listed as they ended.
    func checkLists(_ turns: [Turn]) throws(ClientFailure) {
        let sessions = try ask(["cmd": .string("list")])
        stage.received(sessions.line)
        let ids = sessions["items"]?.array?.map { $0.object?["session_id"]?.string }
        try stage.claim("the session is listed", ids == [session])

        let runs = try ask(["cmd": .string("list"), "kind": .string("runs"), "session_id": .string(session)])
        var statuses: [String: String] = [:]
        for item in runs["items"]?.array ?? [] {
            guard let run = item.object, let id = run["run_id"]?.string else { continue }
            let status = run["status"]?.string ?? ""
            statuses[id] = status
            stage.show("   \(id)  \(status)  \(run["cancel_reason"]?.string ?? "")\n")
        }
        let seen = turns.map { $0.terminal.string("run_id").flatMap { statuses[$0] } }
        let expected = turns.map(\.status)
        try stage.claim(
            "its \(turns.count) runs are listed: \(expected.joined(separator: ", "))",
            seen == expected && statuses.count == turns.count)
    }

    /// Checks that the session's history is what was asked and shown.
    func checkHistory(_ turns: [Turn]) throws(ClientFailure) {
        let messages = try history(of: session)
        for message in messages {
            let role = message["role"]?.string ?? ""
            let text = (message["content"]?.string ?? "").split(separator: "\n").joined(separator: " / ")
            let mark = message["interrupted"]?.bool == true ? "  (interrupted)" : ""
            stage.show("   \(role): \(text.count > 70 ? text.prefix(69) + "…" : text[...])\(mark)\n")
        }
        try stage.claim(
            "every question and every answer is there, letter for letter as it was shown",
            messages.map { $0["content"]?.string } == turns.flatMap { [$0.input, $0.shown] })
        try stage.claim(
            "only the stopped answer is marked as interrupted",
            messages.map { $0["interrupted"]?.bool } == turns.flatMap { [false, $0.isInterrupted] })
    }
}
