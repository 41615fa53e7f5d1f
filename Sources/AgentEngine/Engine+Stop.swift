public import AgentProtocol

extension Engine {
    /// Stops a run, or the live run of a session, or all that a session has. The reply to an open run's stop comes once
    /// the request is on disk; the abort does not wait for that.
    public func stop(_ command: StopCommand, reply: @escaping (Result<StopAcceptance, AgentError>) -> Void) {
        let again = { [unowned self] in stop(command, reply: reply) }
        // All of a session are those too that came before the stop and are not decided on.
        if command.all, let session = command.sessionID, gates[session]?.wait(again) == true { return }
        let name = command.runID ?? command.sessionID.flatMap { gates[$0]?.runs.first }
        if let run = name.flatMap({ runs[$0] }), isVisible(run.record, to: command.userID) {
            guard command.sessionID == nil || command.sessionID == run.record.sessionID else {
                return reply(.failure(otherSession(run.record.runID)))
            }
            return stop(run, command, reply: reply)
        }
        // A run under decision may be the one that is meant.
        let session = command.runID.flatMap { pending[$0]?.sessionID } ?? command.sessionID
        if let session, gates[session]?.wait(again) == true { return }
        let query: FinishedQuery
        if let run = command.runID {
            query = .run(run)
        } else if let session = command.sessionID {
            query = .latest(session, userID: command.userID)
        } else {
            return reply(.failure(.invalid("run_id", "or session_id is required")))
        }
        journal.finished(query) { [unowned self] answer in
            // The latest run may have begun, and even ended again, after the question was put.
            if case .success(let found?) = answer, runs[found.runID] != nil || !found.status.isTerminal,
                isVisible(found, to: command.userID)
            {
                return stop(command, reply: reply)
            }
            reply(answer.flatMap { finishedReply($0, command) })
        }
    }

    /// A command without a user is the host itself and sees everything.
    func isVisible(_ run: RunRecord, to user: UserID?) -> Bool { user == nil || run.userID == user }

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
            if let name = command.runID { return .failure(AgentError(.runNotFound, "there is no run named \(name)")) }
            return .failure(AgentError(.runNotActive, "the session has never had a run"))
        }
        guard isVisible(run, to: command.userID) else {
            return .failure(AgentError(.runNotFound, "there is no run named \(run.runID)"))
        }
        if let session = command.sessionID, session != run.sessionID { return .failure(otherSession(run.runID)) }
        return .success(StopAcceptance(runID: run.runID, status: run.status, runIDs: isAll(command) ? [] : nil))
    }
}
