import AgentProtocol
import AgentTestKit

@testable import AgentStore

/// Compares what clients had been told when the power failed with what a restart has found.
struct PowerVerdict: Sendable {
    /// What is wrong, in sentences.
    private(set) var findings: [String] = []
    /// States that were judged.
    private(set) var states = 0
    /// Files that SQLite finds wrong.
    var corrupt = 0
    /// Facts that had been acknowledged and are gone.
    var lost = 0
    /// Things that are there in part.
    var halfApplied = 0
    /// Runs that wait on, and conversations that were deleted and looked for in vain.
    var waiting = 0
    var gone = 0
    /// Runs that the restart had to close.
    var recovered = 0
    /// Facts that were looked for.
    var facts = 0

    /// Whether every promise was kept.
    var isClean: Bool { findings.isEmpty && corrupt + lost + halfApplied == 0 }

    /// The first few findings.
    var report: String { findings.prefix(5).joined(separator: "\n") }

    static let status = ["run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"]

    /// Judges the ledger in a directory. What was told up to `point` counts, flowing text up to `sealed` only.
    mutating func judge(_ directory: String, _ testimony: Testimony, point: Int, sealed: Int) throws(TestFailure) {
        states += 1
        let path = PowerHouse.database(in: directory)
        let file = try LedgerFile(path: path)
        let integrity = try file.integrityCheck()
        if integrity != "ok" { return note(\.corrupt, "integrity_check: \(integrity)") }
        let rows = Dictionary(uniqueKeysWithValues: try file.runs().map { ($0.id, $0) })
        let messages = Dictionary(grouping: try file.messages(), by: \.runID)
        let terminals = try file.terminals()
        for stray in try file.strays() { note(\.halfApplied, "there is a stray \(stray)") }
        let isGone = judgeDeletions(testimony, rows, point)
        judgeUpdates(testimony, rows, try file.sessions(), point)
        for run in testimony.runs.values where run.position <= point && rows[run.id] == nil && !isGone(run.id) {
            note(\.lost, "\(run.id) was accepted and is not there")
        }
        let reader: LedgerReader
        do {
            reader = try LedgerReader(path: path)
        } catch {
            throw TestFailure("\(error)")
        }
        for row in rows.values {
            let ends = terminals[row.id, default: []]
            // A run that waits in line has no end.
            if row.status == "queued" ? !ends.isEmpty : ends.map({ Self.status[$0] }) != [row.status] {
                note(\.halfApplied, "\(row.id) is \(row.status), and its ends are \(ends)")
            }
            guard let run = testimony.runs[row.id] else {
                if testimony.isComplete { note(\.halfApplied, "\(row.id) is there and was never asked for") }
                continue
            }
            let messages = messages[row.id, default: []]
            judge(run, row, messages, point)
            judgeTexts(of: run, messages, sealed, isWhole: testimony.isComplete)
            judgeLog(of: run, row, messages, reader, point, sealed)
        }
    }

    /// Nothing that was deleted may be found in the bytes of any file.
    mutating func judge(_ files: [DiskFile], _ testimony: Testimony, point: Int) {
        for deletion in testimony.deletions {
            guard let acknowledged = deletion.acknowledgedAt, acknowledged <= point, !deletion.runs.isEmpty else {
                continue
            }
            // One run of each, another one at each point.
            let runs = deletion.runs.sorted()
            guard let run = testimony.runs[runs[point % runs.count]] else { continue }
            let tag = Array(run.input.prefix { $0 != " " }.utf8)
            gone += 1
            for file in files where file.contains(tag) {
                note(\.lost, "\(run.id) was deleted, and \(file.name) has words of it")
            }
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
        waiting += other.waiting
        gone += other.gone
        recovered += other.recovered
        facts += other.facts
    }

    /// Says of what was found last which power cut brought it about.
    mutating func name(_ cut: PowerCampaign.Cut, from first: Int) {
        for index in first..<findings.count {
            findings[index] = "after operation \(cut.point), \(cut.mode), seed \(cut.seed): \(findings[index])"
        }
    }

    mutating func note(_ figure: WritableKeyPath<PowerVerdict, Int>, _ finding: String) {
        self[keyPath: figure] += 1
        if findings.count < 20 { findings.append(finding) }
    }
}

extension PowerVerdict: CustomStringConvertible {
    var description: String {
        """
        \(states) states: \(corrupt) corrupt, \(lost) acknowledged facts lost of \(facts) looked for, \(halfApplied) \
        half-applied; \(recovered) runs closed by the restart, \(waiting) wait on, \(gone) deletions looked for in the \
        bytes
        """
    }
}
