import AgentTestKit

/// Judges who waited for whom: the order in which things are in the file tells it.
extension KillVerdict {
    /// What happened to a run in its conversation.
    private enum Step { case queued, started, ended }

    /// Judges the conversations of a cycle.
    mutating func judge(linesOf sessions: Set<String>, _ ledger: KillLedger, _ testimony: KillTestimony) {
        for session in sessions {
            let runs = ledger.rows.values.filter { $0.sessionID == session }.compactMap { ledger.folds[$0.id] }
            judgeLine(of: session, runs, testimony)
            for run in runs { judgeWait(of: run, ledger, testimony) }
        }
    }

    /// One run at a time has the conversation, and those that wait begin in their order.
    private mutating func judgeLine(of session: String, _ runs: [FoldedRun], _ testimony: KillTestimony) {
        var steps: [(place: Int64, step: Step, run: FoldedRun)] = []
        for run in runs {
            if let event = run.queued { steps.append((event.id, .queued, run)) }
            if let event = run.started { steps.append((event.id, .started, run)) }
            if let event = run.terminal { steps.append((event.id, .ended, run)) }
        }
        var live: String?
        var line: [String] = []
        for (_, step, run) in steps.sorted(by: { $0.place < $1.place }) {
            switch step {
            case .queued:
                let isInFront = testimony.asked[run.id]?.isInFront == true
                if isInFront, live != nil { complain("\(run.id) replaces \(live!), which goes on") }
                line.insert(run.id, at: isInFront ? 0 : line.count)
                // The one before may have been called up already, and not have begun.
                let place = Int64(line.firstIndex(of: run.id)! + 1)
                if run.position != place, live != nil || run.position != place - 1 {
                    complain("\(run.id) waits at \(run.position ?? 0), and not \(place)")
                }
            case .started:
                if let live { complain("\(run.id) begins while \(live) is live") }
                if let first = line.first, first != run.id { complain("\(run.id) begins before \(first)") }
                line.removeAll { $0 == run.id }
                live = run.id
            case .ended:
                line.removeAll { $0 == run.id }
                if live == run.id { live = nil }
            }
        }
    }

    /// A run that waits ends in line only for somebody's sake, and waits on over a restart unless it was bound.
    private mutating func judgeWait(of run: FoldedRun, _ ledger: KillLedger, _ testimony: KillTestimony) {
        guard run.queued != nil, let row = ledger.rows[run.id], let asked = testimony.asked[run.id] else { return }
        figures.queued += 1
        let acceptedBefore = run.queued!.ts <= testimony.death
        if let started = run.started {
            guard acceptedBefore, started.ts > testimony.death else { return }
            figures.begunLater += 1
            if asked.isBound, !testimony.released.contains(run.id) {
                complain("\(run.id) begins after a restart, and its client is gone")
            }
            return
        }
        switch row.cancelReason {
        case "stop" where testimony.stoppedSessions.contains(row.sessionID): break
        case "replaced" where testimony.asked.values.contains { $0.session == row.sessionID && $0.isInFront }: break
        case "disconnect" where asked.isBound:
            if run.terminal.map({ $0.ts > testimony.death }) == true { figures.unbound += 1 }
        default: complain("\(run.id) ends in line: \(row.status), \(row.cancelReason ?? row.errorCode ?? "no reason")")
        }
    }
}
