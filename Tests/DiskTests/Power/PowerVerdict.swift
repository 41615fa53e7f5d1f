import AgentProtocol
import AgentTestKit
import Glibc

/// Compares what clients had been told when the power failed with what a restart has found.
struct PowerVerdict: Sendable {
    /// What is wrong, in sentences.
    private(set) var findings: [String] = []
    /// States that were judged.
    private(set) var states = 0
    /// Files that SQLite finds wrong.
    private(set) var corrupt = 0
    /// Facts that had been acknowledged and are gone.
    private(set) var lost = 0
    /// Things that are there in part.
    private(set) var halfApplied = 0
    /// Runs that the restart had to close.
    private(set) var recovered = 0
    /// Facts that were looked for.
    private(set) var facts = 0

    /// Whether every promise was kept.
    var isClean: Bool { findings.isEmpty && corrupt + lost + halfApplied == 0 }

    /// The first few findings.
    var report: String { findings.prefix(5).joined(separator: "\n") }

    private static let restartNote = "[error: daemon_restart]"
    private static let status = ["run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"]

    /// Judges the ledger in a directory. What was told up to `point` counts, flowing text up to `sealed` only.
    mutating func judge(_ directory: String, _ testimony: Testimony, point: Int, sealed: Int) throws(TestFailure) {
        states += 1
        let file = try LedgerFile(path: PowerHouse.database(in: directory))
        let integrity = try file.integrityCheck()
        if integrity != "ok" { return note(\.corrupt, "integrity_check: \(integrity)") }
        let rows = Dictionary(uniqueKeysWithValues: try file.runs().map { ($0.id, $0) })
        let messages = Dictionary(grouping: try file.messages(), by: \.runID)
        let terminals = try file.terminals()

        for run in testimony.runs.values where run.position <= point && rows[run.id] == nil {
            note(\.lost, "\(run.id) was accepted and is not there")
        }
        for name in terminals.keys where rows[name] == nil { note(\.halfApplied, "\(name) has an end and no row") }
        for name in messages.keys where rows[name] == nil { note(\.halfApplied, "\(name) has messages and no row") }
        for row in rows.values {
            let ends = terminals[row.id, default: []]
            if ends.map({ Self.status[$0] }) != [row.status] {
                note(\.halfApplied, "\(row.id) is \(row.status), and its ends are \(ends)")
            }
            guard let run = testimony.runs[row.id] else {
                if testimony.isComplete { note(\.halfApplied, "\(row.id) is there and was never asked for") }
                continue
            }
            judge(run, row, messages[row.id, default: []], point, sealed)
            judgeTexts(of: run, messages[row.id, default: []], sealed, isWhole: testimony.isComplete)
        }
    }

    /// A state in which the daemon does not even start.
    mutating func judge(failedStart error: any Error) {
        states += 1
        note(\.corrupt, "it does not start: \(error)")
    }

    mutating func add(_ other: PowerVerdict) {
        findings += other.findings
        states += other.states
        corrupt += other.corrupt
        lost += other.lost
        halfApplied += other.halfApplied
        recovered += other.recovered
        facts += other.facts
    }

    /// Says of what was found last which power cut brought it about.
    mutating func name(_ cut: PowerCampaign.Cut, from first: Int) {
        for index in first..<findings.count {
            findings[index] = "after operation \(cut.point), \(cut.mode), seed \(cut.seed): \(findings[index])"
        }
    }

    private mutating func note(_ figure: WritableKeyPath<PowerVerdict, Int>, _ finding: String) {
        self[keyPath: figure] += 1
        if findings.count < 20 { findings.append(finding) }
    }

    private mutating func judge(
        _ run: Testimony.Run, _ row: LedgerFile.Run, _ messages: [LedgerFile.Message], _ point: Int, _ sealed: Int
    ) {
        if row.sessionID != run.sessionID || messages.first?.role != "user" || messages.first?.content != run.input {
            note(\.halfApplied, "\(run.id) is there without its question")
        }
        if row.errorCode == "daemon_restart" { recovered += 1 }
        if run.position <= point { facts += 1 }
        if let stopped = run.stoppedAt, stopped <= point {
            facts += 1
            if row.status != "interrupted" { note(\.lost, "\(run.id) was stopped and is \(row.status)") }
        }
        if let closed = run.closedAt, closed <= point {
            facts += 1
            if row.errorCode != "daemon_restart" { note(\.lost, "\(run.id) had been closed and is \(row.status)") }
        }
        if let terminal = run.terminal, terminal.position <= point {
            facts += 1
            if row.status != Self.status[terminal.kind.rawValue] || row.lastSeq != terminal.seq {
                note(\.lost, "\(run.id) had ended with \(terminal.kind) and is \(row.status)")
            }
            let text = messages.filter { $0.role == "assistant" && !$0.content.isEmpty }.map(\.content)
            if text.joined(separator: "\n\n") != terminal.content {
                note(\.lost, "\(run.id) had ended with another text than \(text)")
            }
        }
        let calls = run.calls(upTo: point)
        facts += calls
        if messages.count(where: { $0.role == "tool" }) < calls { note(\.lost, "\(run.id) has lost a call's result") }
    }

    /// Each message begins with what was sealed of it, and holds nothing that its model did not say.
    private mutating func judgeTexts(
        of run: Testimony.Run, _ messages: [LedgerFile.Message], _ sealed: Int, isWhole: Bool
    ) {
        let messages = messages.filter { $0.role == "assistant" }
        for (id, text) in run.texts {
            let bytes = text.bytes(upTo: sealed)
            guard bytes > 0 else { continue }
            facts += 1
            let kept = messages.first { $0.id == id }?.content
            if !Self.isSame(kept ?? "", text.whole, bytes: bytes) {
                note(\.lost, "\(run.id) had said \(bytes) bytes of \(text.whole), and \(kept ?? "nothing") is kept")
            }
        }
        for message in messages where isWhole {
            let whole = run.texts[message.id]?.whole ?? ""
            if message.content == whole { continue }
            let note = Self.restartNote.utf8.count
            var bytes = message.content.utf8.count - note
            if bytes > 0 { bytes -= 2 }
            let isClosed = bytes >= 0 && message.content.hasSuffix(Self.restartNote)
            if !isClosed || !Self.isSame(message.content, whole, bytes: bytes) {
                self.note(\.halfApplied, "\(run.id) has kept \(message.content), its model said \(whole)")
            }
        }
    }

    /// Whether two texts begin with the same bytes, so many of them.
    private static func isSame(_ one: String, _ other: String, bytes: Int) -> Bool {
        guard one.utf8.count >= bytes, other.utf8.count >= bytes else { return false }
        var (one, other) = (one, other)
        return one.withUTF8 { left in
            other.withUTF8 { right in bytes == 0 || memcmp(left.baseAddress!, right.baseAddress!, bytes) == 0 }
        }
    }
}

extension PowerVerdict: CustomStringConvertible {
    var description: String {
        """
        \(states) states: \(corrupt) corrupt, \(lost) acknowledged facts lost of \(facts) looked for, \(halfApplied) \
        half-applied; \(recovered) runs closed by the restart
        """
    }
}
