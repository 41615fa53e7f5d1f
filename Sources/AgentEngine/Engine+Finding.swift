import AgentProtocol

extension Engine {
    /// What a run is found as.
    enum Found {
        /// It is live or in line.
        case open(RunDriver)
        /// It is neither; what the ledger has of it, if it has anything.
        case closed(Result<RunRecord?, AgentError>)
    }

    /// Finds the run that a command means: the one it names, else the session's live run, else its latest. `again` puts
    /// the command once more, when the run was under decision, or began after the ledger had been asked.
    func find(
        _ name: RunID?, of session: SessionID?, for user: UserID?, again: @escaping () -> Void,
        _ body: @escaping (Found) -> Void
    ) {
        let open = name ?? session.flatMap { gates[$0]?.runs.first }
        if let run = open.flatMap({ runs[$0] }), isVisible(run.record, to: user) { return body(.open(run)) }
        // A run under decision may be the one that is meant.
        if let place = name.flatMap({ pending[$0]?.sessionID }) ?? session, gates[place]?.wait(again) == true { return }
        let query: FinishedQuery
        if let name {
            query = .run(name)
        } else if let session {
            query = .latest(session, userID: user)
        } else {
            return body(.closed(.failure(.invalid("run_id", "or session_id is required"))))
        }
        journal.finished(query) { [unowned self] answer in
            // The latest run may have begun, and even ended again, after the question was put.
            if case .success(let found?) = answer, runs[found.runID] != nil || !found.status.isTerminal,
                isVisible(found, to: user)
            {
                return again()
            }
            body(.closed(answer))
        }
    }

    /// A command without a user is the host itself and sees everything.
    func isVisible(_ run: RunRecord, to user: UserID?) -> Bool { user == nil || run.userID == user }
}

extension AgentError {
    /// A run that is missing, or another user's.
    static func noRun(_ run: RunID) -> AgentError { AgentError(.runNotFound, "there is no run named \(run)") }
}
