public import AgentProtocol

extension Engine {
    /// Stops a run, or the live run of a session, or all that a session has. The reply to an open run's stop comes once
    /// the request is on disk; the abort does not wait for that.
    public func stop(_ command: StopCommand, reply: @escaping (Result<StopAcceptance, AgentError>) -> Void) {
        let again = { [unowned self] in stop(command, reply: reply) }
        // All of a session are those too that came before the stop and are not decided on.
        if command.all, let session = command.sessionID, gates[session]?.wait(again) == true { return }
        find(command.runID, of: command.sessionID, for: command.userID, again: again) { [unowned self] found in
            switch found {
            case .open(let run):
                guard command.sessionID == nil || command.sessionID == run.record.sessionID else {
                    return reply(.failure(otherSession(run.record.runID)))
                }
                stop(run, command, reply: reply)
            case .closed(let answer): reply(answer.flatMap { finishedReply($0, command) })
            }
        }
    }

    private func otherSession(_ run: RunID) -> AgentError {
        AgentError(.runNotActive, "the run \(run) belongs to another session")
    }

    private func stop(
        _ run: RunDriver, _ command: StopCommand, reply: @escaping (Result<StopAcceptance, AgentError>) -> Void
    ) {
        let isAll = isAll(command)
        let meant = isAll ? gates[run.record.sessionID]?.runs.compactMap { runs[$0] } ?? [] : [run]
        let ended = meant.filter(\.isOpen)
        for run in ended { batch.append(.stopRequested(run.record.runID, at: now, reason: command.reason)) }
        // One that has ended has its terminal on the way to the ledger, ahead of this reply.
        let acceptance = StopAcceptance(
            runID: run.record.runID, status: run.isOpen ? .stopping : run.status,
            runIDs: isAll ? ended.map(\.record.runID) : nil)
        batch.releases.append(.reply { reply(.success(acceptance)) })
        for run in ended { cancel(run, .stop, message: command.reason) }
    }

    private func isAll(_ command: StopCommand) -> Bool { command.all && command.sessionID != nil }

    private func finishedReply(
        _ run: RunRecord?, _ command: StopCommand
    ) -> Result<StopAcceptance, AgentError> {
        guard let run else {
            if let name = command.runID { return .failure(.noRun(name)) }
            return .failure(AgentError(.runNotActive, "the session has never had a run"))
        }
        guard isVisible(run, to: command.userID) else {
            return .failure(.noRun(run.runID))
        }
        if let session = command.sessionID, session != run.sessionID { return .failure(otherSession(run.runID)) }
        return .success(StopAcceptance(runID: run.runID, status: run.status, runIDs: isAll(command) ? [] : nil))
    }
}
