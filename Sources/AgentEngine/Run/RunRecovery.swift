public import AgentProtocol

/// Decides what becomes of the runs that a crash left without an end: those that wait go on waiting, the others get
/// their one terminal; the text that was committed stays.
public enum RunRecovery {
    /// Adds the closing rows of the runs that end to a batch, and returns those that stay, for `Engine.restore`. The
    /// batch is committed before the daemon listens, so that closing twice is impossible: either all of it is in the
    /// ledger or none.
    public static func recover(
        _ runs: [UnfinishedRun], agents: Set<AgentName>, haltNote: String, environment: any Environment,
        into batch: LedgerBatch
    ) -> [UnfinishedRun] {
        runs.filter { run in
            guard let outcome = outcome(of: run, agents: agents) else { return true }
            close(run, outcome, haltNote: haltNote, environment: environment, into: batch)
            return false
        }
    }

    /// How a run ends; nil when it stays as it is. The client that a run was bound to went away with the last process.
    static func outcome(of run: UnfinishedRun, agents: Set<AgentName>) -> RunOutcome? {
        if run.isStopRequested { return .cancelled(.stop, message: run.stopReason) }
        switch run.record.status {
        case .queued where run.isBound: return .cancelled(.disconnect, message: nil)
        case .queued, .paused:
            guard !agents.contains(run.record.agent) else { return nil }
            return .failed(ErrorRecord(.agentNotFound, "there is no agent named \(run.record.agent) any more"))
        default: return .failed(ErrorRecord(.daemonRestart, "the daemon ended while the run was live"))
        }
    }

    /// The log of a run, as far as it has come; the step that is open is of this message.
    static func log(of run: UnfinishedRun, openMessage: MessageID) -> RunLog {
        let last = run.events.last?.seq ?? 0
        var log = RunLog(runID: run.record.runID, closedText: closedText(run), lastSeq: last)
        log.beginStep(openMessage)
        for delta in run.deltas { log.restore(delta) }
        log.goOn(after: last)
        return log
    }

    private static func close(
        _ run: UnfinishedRun, _ outcome: RunOutcome, haltNote: String, environment: any Environment,
        into batch: LedgerBatch
    ) {
        let now = environment.now()
        let messageID = run.deltas.last?.messageID ?? MessageID(trusted: "msg_" + environment.makeName())
        var log = log(of: run, openMessage: messageID)
        // The calls of a step that broke off stand behind its message, whose place is kept for it.
        let answered = Set(run.messages.filter { $0.role == .assistant }.map(\.step))
        let openResult = run.messages.first { $0.role == .tool && !answered.contains($0.step) }
        let lastStep = run.messages.last?.step ?? 0
        let isStepOpen = !run.deltas.isEmpty || openResult != nil || answered.isEmpty
        var position = run.lastPosition + 1
        var openPosition = openResult.map { $0.position - 1 }
        if openResult == nil, isStepOpen {
            openPosition = position
            position += 1
        }
        let openStep = openResult?.step ?? lastStep + 1
        for call in OpenCall.all(of: run) {
            let message = call.close(
                step: isStepOpen ? openStep : lastStep, position: position,
                messageID: MessageID(trusted: "msg_" + environment.makeName()), log: &log, into: batch, at: now)
            batch.append(.messageAdded(message, run.record.sessionID))
            position += 1
        }
        if let note = outcome.note(haltNote: haltNote) { log.say(note) }
        _ = log.flush(into: batch, at: now)
        let message = Message(
            messageID: messageID, runID: run.record.runID, step: openStep, position: openPosition ?? position,
            role: .assistant, content: "", createdAt: run.record.createdAt, completedAt: now,
            interrupted: outcome.status == .interrupted, error: outcome.error)
        batch.append(.answerAdded(message, run.record.sessionID, log.stepText))
        for fold in log.closeStep() { batch.append(.textFolded(fold)) }
        // A run that never began has asked nobody.
        let usage = run.record.startedAt == nil ? Usage() : Usage(requests: message.step, incomplete: true)
        RunEnding(
            outcome: outcome, runID: run.record.runID, sessionID: run.record.sessionID, assistantMessageID: messageID,
            usage: usage, startedAt: run.record.startedAt ?? run.record.createdAt
        ).write(to: &log, into: batch, at: now)
    }

    /// What the closed steps said, escaped, as the run's log has it.
    private static func closedText(_ run: UnfinishedRun) -> [UInt8] {
        var text: [UInt8] = []
        for message in run.messages where message.role == .assistant && !message.content.isEmpty {
            if !text.isEmpty { text.append(contentsOf: RunLog.blankLine) }
            JSONEscaping.append(message.content, to: &text)
        }
        return text
    }
}
