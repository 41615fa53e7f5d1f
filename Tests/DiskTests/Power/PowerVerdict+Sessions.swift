import AgentTestKit

/// What becomes of conversations that were deleted or changed.
extension PowerVerdict {
    /// A deletion is done wholly or not at all, and when it was acknowledged, it is done. Returns whether a run may be
    /// gone.
    mutating func judgeDeletions(
        _ testimony: Testimony, _ rows: [String: LedgerFile.Run], _ point: Int
    ) -> (String) -> Bool {
        var mayBeGone: Set<String> = []
        var uncertain: Set<String> = []
        for deletion in testimony.deletions where deletion.askedAt < point {
            mayBeGone.formUnion(deletion.runs)
            if deletion.isPartial { uncertain.formUnion(deletion.runs) }
            if let acknowledged = deletion.acknowledgedAt, acknowledged <= point {
                facts += deletion.runs.count
                for run in deletion.runs where rows[run] != nil { note(\.lost, "\(run) was deleted, and is there") }
            }
            let sessions = Dictionary(grouping: deletion.runs.subtracting(uncertain)) {
                testimony.runs[$0]?.sessionID ?? ""
            }
            for (session, runs) in sessions where Set(runs.map { rows[$0] != nil }).count > 1 {
                note(
                    \.halfApplied,
                    "\(session) is deleted in part: of \(runs) there are \(runs.filter { rows[$0] != nil })")
            }
        }
        return { mayBeGone.contains($0) }
    }

    /// A change is there wholly, and when it was acknowledged, it or a later one is there.
    mutating func judgeUpdates(
        _ testimony: Testimony, _ rows: [String: LedgerFile.Run], _ sessions: [LedgerFile.Session], _ point: Int
    ) {
        var numbers: [String: Int] = [:]
        for session in sessions {
            let title = Self.number(session.title, after: "title ")
            if title != Self.number(session.summary, after: "summary ") {
                note(\.halfApplied, "\(session.id) is called \(session.title ?? ""), and was \(session.summary ?? "")")
            }
            numbers[session.id] = title
        }
        for update in testimony.updates where rows[update.run] != nil {
            guard let acknowledged = update.acknowledgedAt, acknowledged <= point else { continue }
            facts += 1
            if numbers[update.sessionID, default: 0] < update.number {
                note(
                    \.lost, "\(update.sessionID) had title \(update.number), and has \(numbers[update.sessionID] ?? 0)")
            }
        }
    }

    private static func number(_ text: String?, after prefix: String) -> Int? {
        guard let text, text.hasPrefix(prefix) else { return nil }
        return Int(text.dropFirst(prefix.count))
    }
}
