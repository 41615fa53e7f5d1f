import AgentProtocol
import AgentTestKit

/// Compares what clients were told with what is in the ledger after a restart.
struct KillVerdict {
    /// What is wrong, in sentences; empty when every promise was kept.
    private(set) var findings: [String] = []
    /// What was looked at.
    var figures = KillFigures()

    /// Judges what the clients of one cycle were told.
    mutating func judge(_ testimony: KillTestimony, _ ledger: KillLedger) {
        figures.kills += 1
        findings += testimony.violations
        figures.resent += testimony.resent
        for stream in testimony.streams { compare(stream, testimony, ledger) }
        for line in testimony.tornLines { compare(line, testimony, ledger) }
        compareDeleted(testimony, ledger)
        for stream in testimony.readings where !stream.hasEnded && ledger.rows[stream.run]?.lastSeq != stream.last {
            complain("\(stream.run) is not read to its end after the restart")
        }
        for stream in testimony.readings where isGone(stream.run, testimony, ledger) {
            complain("\(stream.run) is read after its deletion")
        }
        for (run, session) in testimony.accepted where ledger.rows[run]?.sessionID != session {
            if ledger.gone.contains(session) { continue }
            complain(
                "\(run) was accepted in \(session); the ledger has \(ledger.rows[run]?.sessionID ?? "no such run")")
        }
        for run in testimony.unknown where ledger.rows[run] != nil {
            complain("\(run) was said to be unknown, and is there")
        }
        for (run, status) in testimony.stops where !isGone(run, testimony, ledger) {
            check(stopOf: run, status, ledger.rows[run], ledger.folds[run])
        }
    }

    /// Judges deletions by the conversations that are left; returns those that are gone.
    mutating func judge(deletions: [String: Bool], left: Set<String>) -> Set<String> {
        for (session, isAcknowledged) in deletions where isAcknowledged && left.contains(session) {
            complain("\(session) was deleted, and is there")
        }
        let gone = Set(deletions.keys.filter { !left.contains($0) })
        figures.deleted += deletions.values.count { $0 }
        figures.deletionsCut += deletions.values.count { !$0 }
        return gone
    }

    /// Judges which runs there are.
    mutating func judge(expected: Set<String>, _ there: Set<String>) {
        for run in expected.subtracting(there).sorted().prefix(3) { complain("\(run) is lost") }
        for run in there.subtracting(expected).sorted().prefix(3) { complain("\(run) is there, and should not be") }
    }

    /// Judges what `history` told of answers that were still being written.
    mutating func judge(told: [JSONObject], _ kept: [String: String]) {
        for message in told {
            figures.frames += 1
            guard let id = message["message_id"]?.string, let content = message["content"]?.string,
                let whole = kept[id],
                message["completed_at"]?.int64 == nil ? whole.hasPrefix(content) : whole == content
            else {
                figures.missing += 1
                complain("history told \(message), kept is \(kept[message["message_id"]?.string ?? ""] ?? "nothing")")
                continue
            }
        }
    }

    /// Judges each run's own log, row and messages.
    mutating func judge(
        _ ledger: KillLedger, _ messages: [String: [LedgerFile.Message]], _ testimony: KillTestimony
    ) {
        figures.runs += ledger.rows.count
        for (run, row) in ledger.rows {
            guard let fold = ledger.folds[run], let terminal = fold.terminal else {
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
            if row.errorCode == "daemon_restart" { figures.recovered += 1 }
            let input = testimony.asked[run]?.input
            let told = Self.told(messages[run, default: []].map { ($0.role, $0.content) })
            let folded = Self.told(fold.messages(asked: input).map { ($0.role, $0.content) })
            if told != folded { complain("\(run): its messages are \(told), its log says \(folded)") }
            if let input, told.first?.content != input { complain("\(run): was asked another question") }
        }
    }

    /// The status that goes with each end.
    private static let status = ["run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"]

    /// Judges what `history` answers for a session.
    mutating func judge(
        history reply: JSONObject, of session: String, _ expected: [FoldedRun], _ asked: [String: KillTestimony.Asked]
    ) {
        guard let messages = reply["messages"]?.array?.compactMap(\.object) else {
            return complain("history of \(session) is refused")
        }
        let told = Self.told(messages.map { ($0["role"]?.string ?? "", $0["content"]?.string ?? "") })
        let folded = Self.told(
            expected.flatMap { $0.messages(asked: asked[$0.id]?.input) }.map { ($0.role, $0.content) })
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
        let beginnings = expected.compactMap(\.started?.id)
        if beginnings != beginnings.sorted() { complain("history of \(session) is not in the order of its runs") }
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
    mutating func judge(integrity: String, orphans: [String]) {
        if integrity != "ok" { complain("integrity_check: \(integrity)") }
        for orphan in orphans { complain("there is \(orphan)") }
    }

    /// A daemon was killed while it recovered, or soon after it was ready.
    mutating func struck(wasReady: Bool) { if wasReady { figures.struckLate += 1 } else { figures.struckEarly += 1 } }

    /// Adds a finding.
    mutating func complain(_ finding: String) { findings.append(finding) }

    /// Messages without the empty ones, which a log knows nothing of.
    private static func told(_ messages: [(role: String, content: String)]) -> [FoldedRun.Message] {
        messages.filter { $0.role != "assistant" || !$0.content.isEmpty }
            .map { FoldedRun.Message(role: $0.role, id: nil, content: $0.content) }
    }

    private mutating func check(stopOf run: String, _ status: String, _ row: LedgerFile.Run?, _ fold: FoldedRun?) {
        figures.stops += 1
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
}
