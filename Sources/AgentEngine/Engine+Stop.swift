public import AgentProtocol

extension Engine {
    /// Stops a run, or the live run of a session. The reply to a live run's stop comes once the request is on disk; the
    /// abort does not wait for that.
    public func stop(_ command: StopCommand, reply: @escaping (Result<StopAcceptance, AgentError>) -> Void) {
        let name = command.runID ?? command.sessionID.flatMap { gates[$0]?.liveRun }
        if let run = name.flatMap({ runs[$0] }), isVisible(run.record, to: command.userID) {
            guard command.sessionID == nil || command.sessionID == run.record.sessionID else {
                return reply(.failure(otherSession(run.record.runID)))
            }
            return stop(run, command, reply: reply)
        }
        // A run under decision may be the one that is meant.
        let session = command.runID.flatMap { pending[$0]?.sessionID } ?? command.sessionID
        if let session, gates[session]?.isChecking == true {
            waitingStops[session, default: []].append { [unowned self] in stop(command, reply: reply) }
            return
        }
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
        let name = run.record.runID
        if let status = run.endStatus {
            // Its terminal is on the way to the ledger, ahead of this reply.
            batch.releases.append(.reply { reply(.success(StopAcceptance(runID: name, status: status))) })
            return
        }
        batch.append(.stopRequested(name, at: now, reason: command.reason))
        batch.releases.append(.reply { reply(.success(StopAcceptance(runID: name, status: .stopping))) })
        run.stop(.stop, message: command.reason)
    }

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
        return .success(StopAcceptance(runID: run.runID, status: run.status))
    }
}

extension AgentError {
    /// A run that is missing, or another user's.
    static func noRun(_ run: RunID) -> AgentError { AgentError(.runNotFound, "there is no run named \(run)") }
}
