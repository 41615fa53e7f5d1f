public import AgentProtocol

extension Engine {
    /// Accepts or refuses a run. When it is accepted, the reply comes once the acceptance is on disk, and the sink gets
    /// the run's events after the reply. A command that is sent again gets what became of the first one; its sink gets
    /// nothing.
    public func run(
        _ command: RunCommand, client: ClientID, sink: (any EventSink)?,
        reply: @escaping (Result<RunAcceptance, AgentError>) -> Void
    ) {
        // What is known of a name comes first: a command that is sent again is not refused for what came in between.
        if command.runID == nil, let refusal = refusal(command) { return reply(.failure(refusal)) }
        guard underDecision < Limits.queuedRunsTotal else { return reply(.failure(overload())) }
        consider(
            PendingRun(
                command: command, client: client, sink: sink,
                runID: command.runID ?? RunID(trusted: "run_" + environment.makeName()),
                sessionID: command.sessionID ?? SessionID(trusted: "ses_" + environment.makeName()), reply: reply))
    }

    private func consider(_ run: PendingRun) {
        if let known = runs[run.runID] {
            let result = existing(KnownRun(record: known.record, digest: known.digest), known.status, for: run)
            // The first one's acceptance may be on the way to the ledger, ahead of this reply.
            batch.releases.append(.reply { run.reply(result) })
        } else if pending[run.runID] != nil {
            namesakes[run.runID, default: []].append(run)
        } else {
            pending[run.runID] = run
            ask(run)
        }
    }

    /// What a command is told whose name a run has already.
    private func existing(
        _ known: KnownRun, _ status: RunStatus, for run: PendingRun
    ) -> Result<RunAcceptance, AgentError> {
        let record = known.record
        let isSame =
            known.digest == run.digest && isVisible(record, to: run.command.userID)
            && (run.command.sessionID == nil || run.command.sessionID == record.sessionID)
        guard isSame else {
            return .failure(AgentError(.runIDConflict, "the name \(run.runID) was given to another run"))
        }
        let place = status == .queued ? gates[record.sessionID]?.line.firstIndex(of: run.runID) : nil
        return .success(
            RunAcceptance(
                runID: record.runID, sessionID: record.sessionID, status: status, cursor: nil,
                position: place.map { $0 + 1 },
                isExisting: true))
    }

    // MARK: Looking up

    /// Asks the session's gate, and the ledger where something must be looked up.
    private func ask(_ run: PendingRun) {
        if gates[run.sessionID, default: SessionGate()].check({ [unowned self] in ask(run) }) { lookUp(run) }
    }

    private func lookUp(_ run: PendingRun) {
        if let first = firstRun(of: run.sessionID) {
            // Another user's session is like a missing one, and that it is busy would say that it is there.
            guard isVisible(first.record, to: run.command.userID) else {
                return settle(run, .failure(noSession(run.sessionID)))
            }
            guard !run.isNameFree else { return decide(run, behind: first) }
            look(AdmissionQuery(sessionID: nil, runID: run.command.runID, turns: 0), for: run) { [unowned self] _ in
                // The session may have become free meanwhile.
                lookUp(run)
            }
        } else if run.command.sessionID == nil, run.isNameFree {
            // Names of our own making are new: there is nothing to look up.
            decide(run, AdmissionFacts())
        } else {
            let query = AdmissionQuery(
                sessionID: run.command.sessionID, runID: run.isNameFree ? nil : run.command.runID,
                turns: longestHistory(run.command))
            look(query, for: run) { [unowned self] facts in decide(run, facts) }
        }
    }

    private func look(_ query: AdmissionQuery, for run: PendingRun, _ body: @escaping (AdmissionFacts) -> Void) {
        journal.admission(query) { [unowned self] answer in
            switch answer {
            case .failure(let error): settle(run, .failure(error))
            case .success(let facts):
                if let known = facts.known {
                    return settle(run, existing(known, known.record.status, for: run))
                }
                run.isNameFree = true
                body(facts)
            }
        }
    }

    /// Answers one that is not accepted as a new run.
    private func settle(_ run: PendingRun, _ result: Result<RunAcceptance, AgentError>) {
        run.reply(result)
        decided(run)
    }

    private func decided(_ run: PendingRun) {
        pending[run.runID] = nil
        for namesake in namesakes.removeValue(forKey: run.runID) ?? [] { consider(namesake) }
        release(run.sessionID)
    }

    /// Lets those look who wait for a decision on a conversation.
    func release(_ session: SessionID) {
        for waiting in gates[session]?.decided() ?? [] { waiting() }
        forgetIdleGate(session)
    }

    /// The run that has a session, or the first that waits for it.
    func firstRun(of session: SessionID) -> RunDriver? { gates[session]?.runs.first.flatMap { runs[$0] } }

    /// The session's agent is known only after the look-up; until then the longest history that may be wanted is asked.
    private func longestHistory(_ command: RunCommand) -> Int {
        if let agent = command.agent.flatMap({ catalog[$0] }) { return agent.historyTurns }
        return catalog.names.compactMap { catalog[$0]?.historyTurns }.max() ?? 0
    }

    // MARK: Deciding

    /// Decides on a run whose session others have: they say whose it is.
    private func decide(_ run: PendingRun, behind first: RunDriver) {
        let session = Conversation(agent: first.record.agent, userID: first.record.userID)
        admit(run, to: session) { agent in joinLine(run, session, agent, behind: first) }
    }

    /// Decides on a run whose session is free, or new.
    private func decide(_ run: PendingRun, _ facts: AdmissionFacts) {
        let session = facts.session.map { Conversation(agent: $0.agent, userID: $0.userID) }
        if let session, let user = run.command.userID, session.userID != user {
            return settle(run, .failure(noSession(run.sessionID)))
        }
        admit(run, to: session) { agent in begin(run, session, agent, facts) }
    }

    /// Answers a run that is refused; `body` accepts it, or says why not.
    private func admit(_ run: PendingRun, to session: Conversation?, _ body: (Agent) -> AgentError?) {
        if let refusal = refusal(run.command) { return settle(run, .failure(refusal)) }
        if let agent = run.command.agent, let session, agent != session.agent {
            let error = AgentError.invalid("agent", "is \(agent), but the session belongs to \(session.agent)")
            return settle(run, .failure(error))
        }
        let name = run.command.agent ?? session?.agent ?? catalog.defaultName
        guard let agent = catalog[name] else { return settle(run, .failure(unknownAgent(name))) }
        if let refusal = body(agent) { return settle(run, .failure(refusal)) }
        decided(run)
    }

    private func joinLine(
        _ run: PendingRun, _ session: Conversation, _ agent: Agent, behind first: RunDriver
    ) -> AgentError? {
        let policy = run.command.onBusy
        guard policy != .reject else { return busy(first) }
        let gate = gates[run.sessionID, default: SessionGate()]
        let replaced = policy == .replace ? gate.runs.lazy.compactMap { self.runs[$0] }.first(where: \.isOpen) : nil
        // One that is replaced in line leaves its place to the new one.
        let ahead = gate.line.count - (replaced.map { gate.line.contains($0.record.runID) } == true ? 1 : 0)
        guard ahead < Limits.sessionQueue, queuedRuns < Limits.queuedRunsTotal else { return queueIsFull() }
        if let replaced { cancel(replaced, .replaced) }
        let isInFront = policy == .replace
        let turn = giveTurn(in: run.sessionID, after: 0)
        enqueue(run, session, agent, turn: turn, position: isInFront ? 1 : gate.line.count + 1)
        return nil
    }

    private func begin(
        _ run: PendingRun, _ session: Conversation?, _ agent: Agent, _ facts: AdmissionFacts
    ) -> AgentError? {
        let turn = { [unowned self] in giveTurn(in: run.sessionID, after: facts.lastTurn) }
        if slots.hasRoom {
            start(run, session, agent, facts, turn: turn())
            return nil
        }
        guard run.command.onBusy == .queue else { return overload() }
        guard queuedRuns < Limits.queuedRunsTotal else { return queueIsFull() }
        newcomers += 1
        enqueue(run, session, agent, turn: turn(), position: slots.waiting + newcomers)
        batch.releases.append(.reply { [unowned self] in newcomers -= 1 })
        return nil
    }

    private func giveTurn(in session: SessionID, after known: Int64) -> Int64 {
        gates[session, default: SessionGate()].giveTurn(after: known)
    }

    // MARK: Refusing

    /// What every run is refused for, whatever its session.
    private func refusal(_ command: RunCommand) -> AgentError? {
        if isDraining { return AgentError(.shuttingDown, "the daemon is going down") }
        if let storageRefusal { return storageRefusal }
        if let agent = command.agent, catalog[agent] == nil { return unknownAgent(agent) }
        return nil
    }

    private func unknownAgent(_ agent: AgentName) -> AgentError {
        AgentError(.agentNotFound, "there is no agent named \(agent)")
    }

    func noSession(_ session: SessionID) -> AgentError {
        AgentError(.sessionNotFound, "there is no session named \(session)")
    }

    private func queueIsFull() -> AgentError { AgentError(.queueFull, "there is no room in the line") }

    private func overload() -> AgentError {
        AgentError(
            .overloaded, "\(slots.limit) runs are live", fields: ["retry_after_ms": .number(JSONNumber(1000))])
    }

    func busy(_ live: RunDriver) -> AgentError {
        AgentError(
            .sessionBusy, "the session has a live run",
            fields: [
                "active_run_id": .string(live.record.runID.text), "active_status": .string(live.status.rawValue),
            ])
    }
}
