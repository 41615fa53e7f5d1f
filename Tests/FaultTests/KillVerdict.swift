import AgentProtocol
import AgentTestKit

/// Compares what clients were told with what is in the ledger after a restart.
struct KillVerdict {
    /// What is wrong, in sentences; empty when every promise was kept.
    private(set) var findings: [String] = []
    /// Frames that were compared.
    private(set) var frames = 0
    /// Of these, the ones that the ledger does not have, or has otherwise.
    private(set) var missing = 0
    /// Runs whose logs were read.
    private(set) var runs = 0
    /// Of these, the ones that a restart had to close.
    private(set) var recovered = 0
    /// Stops that had been acknowledged.
    private(set) var stops = 0

    /// Judges one cycle.
    mutating func judge(_ testimony: KillTestimony, _ folds: [String: FoldedRun], _ rows: [String: LedgerFile.Run]) {
        for ledger in testimony.ledgers {
            findings += ledger.violations
            for (run, lines) in ledger.runs { compare(lines, with: folds[run], rows[run], testimony.asked[run]) }
        }
        for line in testimony.tornLines { compare(torn: line, folds, rows, testimony) }
        findings += testimony.refusals.map { "not accepted: \($0)" }
        for (run, session) in testimony.accepted where rows[run]?.sessionID != session {
            complain("\(run) was accepted in \(session); the ledger has \(rows[run]?.sessionID ?? "no such run")")
        }
        for (run, status) in testimony.stops { check(stopOf: run, status, rows[run], folds[run]) }
    }

    /// Judges what `history` told of answers that were still being written.
    mutating func judge(told: [JSONObject], _ kept: [String: String]) {
        for message in told {
            frames += 1
            guard let id = message["message_id"]?.string, let content = message["content"]?.string,
                let whole = kept[id],
                message["completed_at"]?.int64 == nil ? whole.hasPrefix(content) : whole == content
            else {
                missing += 1
                complain("history told \(message), kept is \(kept[message["message_id"]?.string ?? ""] ?? "nothing")")
                continue
            }
        }
    }

    /// Judges each run's own log, row and messages.
    mutating func judge(
        _ folds: [String: FoldedRun], _ rows: [String: LedgerFile.Run], _ messages: [String: [LedgerFile.Message]],
        _ asked: [String: KillTestimony.Asked]
    ) {
        runs += rows.count
        for (run, row) in rows {
            guard let fold = folds[run], let terminal = fold.terminal else {
                complain("\(run) (\(row.status)) has no terminal event")
                continue
            }
            findings += fold.violations
            if Self.status[terminal.name] != row.status {
                complain("\(run): \(terminal.name), but its row is \(row.status)")
            }
            if terminal.seq != row.lastSeq {
                complain("\(run): ends with \(terminal.seq), its row with \(row.lastSeq)")
            }
            if row.errorCode == "daemon_restart" { recovered += 1 }
            let told = Self.told(messages[run, default: []].map { ($0.role, $0.id, $0.content) })
            let folded = fold.messages.map { FoldedRun.Message(role: $0.role, id: nil, content: $0.content) }
            if told != folded { complain("\(run): its messages are \(told), its log says \(folded)") }
            if let input = asked[run]?.input, fold.messages.first?.content != input {
                complain("\(run): was asked another question")
            }
        }
        for run in folds.keys where rows[run] == nil { complain("\(run) has events and no row") }
    }

    /// The status that goes with each end.
    private static let status = ["run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"]

    /// Judges what `history` answers for a session.
    mutating func judge(history reply: JSONObject, of session: String, _ expected: [FoldedRun]) {
        guard let messages = reply["messages"]?.array?.compactMap(\.object) else {
            return complain("history of \(session) is refused")
        }
        let told = Self.told(
            messages.map { ($0["role"]?.string ?? "", nil, $0["content"]?.string ?? "") })
        let folded = expected.flatMap(\.messages).map { FoldedRun.Message(role: $0.role, id: nil, content: $0.content) }
        if told != folded { complain("history of \(session) is \(told), the logs say \(folded)") }
        for run in expected {
            let last = messages.last { $0["run_id"]?.string == run.id && $0["role"]?.string == "assistant" }
            let end = run.terminal?.name
            let isInterrupted = last?["interrupted"]?.bool == true
            let hasError = last?["error"]?.object != nil
            if isInterrupted != (end == "run_cancelled") || hasError != (end == "run_error") {
                complain("history of \(session): the last answer of \(run.id) does not bear the mark of its end")
            }
        }
        checkSteps(messages, of: session)
        if messages.contains(where: { $0["completed_at"]?.int64 == nil }) {
            complain("history of \(session) has a message that is not complete")
        }
    }

    /// Each answer of a run is one step further, and its calls are of its step: else no model could be told them.
    private mutating func checkSteps(_ messages: [JSONObject], of session: String) {
        var step: Int64 = 0
        for message in messages {
            switch message["role"]?.string {
            case "user": step = 0
            case "assistant": step += 1
            default: break
            }
            guard message["step"]?.int64 == step else {
                return complain("history of \(session): a message does not stand in its step, \(step): \(message)")
            }
        }
    }

    /// Judges the file itself.
    mutating func judge(integrity: String) { if integrity != "ok" { complain("integrity_check: \(integrity)") } }

    /// Adds a finding.
    mutating func complain(_ finding: String) { findings.append(finding) }

    /// Messages without the empty ones, which a log knows nothing of.
    private static func told(_ messages: [(role: String, id: String?, content: String)]) -> [FoldedRun.Message] {
        messages.filter { $0.role != "assistant" || !$0.content.isEmpty }
            .map { FoldedRun.Message(role: $0.role, id: nil, content: $0.content) }
    }

    private mutating func check(stopOf run: String, _ status: String, _ row: LedgerFile.Run?, _ fold: FoldedRun?) {
        stops += 1
        guard let row else { return complain("\(run) was stopped, and is not there") }
        let expected = status == "stopping" ? "interrupted" : status
        if row.status != expected { complain("\(run): its stop was answered \(status), and it is \(row.status)") }
        guard status == "stopping" else { return }
        if !row.isStopRequested { complain("\(run): its stop was acknowledged, and is not in its row") }
        if row.cancelReason != "stop" {
            complain("\(run): stopped, and cancelled for \(row.cancelReason ?? "nothing")")
        }
        if fold?.content.hasSuffix("User halted response") != true { complain("\(run): stopped, and not marked") }
    }

    // MARK: Frames

    private mutating func compare(
        _ lines: [Int64: [UInt8]], with fold: FoldedRun?, _ row: LedgerFile.Run?, _ asked: KillTestimony.Asked?
    ) {
        frames += lines.count
        for (seq, line) in lines {
            guard let fold, let row, let event = fold.events[seq] else {
                missing += 1
                complain("missing: \(String(decoding: line.prefix(300), as: UTF8.self))")
                continue
            }
            let expected = Self.line(of: event, in: row.sessionID, echo: asked?.echo ?? "", content: fold.content)
            guard line != expected, !Self.isSame(line, expected) else { continue }
            missing += 1
            complain(
                "told \(String(decoding: line, as: UTF8.self))\n  kept \(String(decoding: expected, as: UTF8.self))")
        }
    }

    /// A line that the kill cut off was committed as well, if it came as far as naming its place.
    private mutating func compare(
        torn line: [UInt8], _ folds: [String: FoldedRun], _ rows: [String: LedgerFile.Run], _ testimony: KillTestimony
    ) {
        // The last number may be cut off itself.
        guard let comma = line.lastIndex(of: UInt8(ascii: ",")), case let whole = Array(line[...comma]),
            let run = ClientLedger.text(of: "run_id", in: whole), let seq = ClientLedger.number(of: "seq", in: whole)
        else { return }
        frames += 1
        let echo = testimony.asked[run]?.echo ?? ""
        if let fold = folds[run], let row = rows[run], let event = fold.events[seq],
            Self.line(of: event, in: row.sessionID, echo: echo, content: fold.content).starts(with: line)
        {
            return
        }
        missing += 1
        complain("missing, cut off: \(String(decoding: line, as: UTF8.self))")
    }

    /// The line that a client must have been told, from the ledger's row.
    private static func line(
        of event: LedgerFile.Event, in session: String, echo: String, content: String
    ) -> [UInt8] {
        var line = Array(
            #"{"event":"\#(event.name)",\#(echo)"run_id":"\#(event.runID)","session_id":"\#(session)","#.utf8)
        line += Array(#""seq":\#(event.seq),"ts":\#(event.ts),"#.utf8)
        if event.isTerminal {
            var writer = JSONWriter()
            writer.string(content)
            line += Array(#""content":"#.utf8) + writer.bytes + [UInt8(ascii: ",")]
        }
        return line + event.payload.dropFirst()
    }

    /// Whether two lines say the same in another order of members.
    private static func isSame(_ line: [UInt8], _ expected: [UInt8]) -> Bool {
        guard let one = try? JSONReader.read(line).object, let other = try? JSONReader.read(expected).object else {
            return false
        }
        return one.members.count == other.members.count && one.members.allSatisfy { other[$0.name] == $0.value }
    }
}
