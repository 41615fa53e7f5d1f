public import AgentProtocol

extension Engine {
    /// Accepts or refuses a run. When it is accepted, the reply comes once the acceptance is on disk, and the sink gets
    /// the run's events after the reply.
    public func run(
        _ command: RunCommand, client: ClientID, sink: (any EventSink)?,
        reply: @escaping (Result<RunAcceptance, AgentError>) -> Void
    ) {
        if let refusal = refusal(command) { return reply(.failure(refusal)) }
        let run = PendingRun(
            command: command, client: client, sink: sink,
            runID: command.runID ?? RunID(trusted: "run_" + environment.makeName()),
            sessionID: command.sessionID ?? SessionID(trusted: "ses_" + environment.makeName()), reply: reply)
        pending[run.runID] = run
        ask(run)
    }

    private func refusal(_ command: RunCommand) -> AgentError? {
        if isDraining { return AgentError(.shuttingDown, "the daemon is going down") }
        if let storageRefusal { return storageRefusal }
        if let agent = command.agent, catalog[agent] == nil { return unknownAgent(agent) }
        if let run = command.runID, runs[run] != nil || pending[run] != nil { return takenName(run) }
        guard runs.count + pending.count < Limits.liveRuns else {
            return AgentError(
                .overloaded, "\(Limits.liveRuns) runs are live", fields: ["retry_after_ms": .number(JSONNumber(1000))])
        }
        return nil
    }

    private func unknownAgent(_ agent: AgentName) -> AgentError {
        AgentError(.agentNotFound, "there is no agent named \(agent)")
    }

    private func takenName(_ run: RunID) -> AgentError {
        AgentError(.runIDConflict, "the name \(run) was given to another run")
    }

    private func noSession(_ session: SessionID) -> AgentError {
        AgentError(.sessionNotFound, "there is no session named \(session)")
    }

    /// Asks the session's gate, and the ledger where the gate says so.
    private func ask(_ run: PendingRun) {
        // Another user's session is like a missing one, and that it is busy would say that it is there.
        if let live = gates[run.sessionID]?.liveRun.flatMap({ runs[$0] }),
            !isVisible(live.record, to: run.command.userID)
        {
            return refuse(run, noSession(run.sessionID))
        }
        switch gates[run.sessionID, default: SessionGate()].runAsked(run) {
        case .wait: break
        case .busy(let live): refuse(run, busy(live))
        case .check:
            // Names of our own making are new: there is nothing to look up.
            guard run.command.sessionID != nil || run.command.runID != nil else {
                return decide(run, AdmissionFacts(session: nil, isRunKnown: false, nextPosition: 1, messages: []))
            }
            let query = AdmissionQuery(
                sessionID: run.command.sessionID, runID: run.command.runID, turns: longestHistory(run.command))
            journal.admission(query) { [unowned self] answer in
                switch answer {
                case .success(let facts): decide(run, facts)
                case .failure(let error): decided(run, .failure(error))
                }
            }
        }
    }

    /// The session's agent is known only after the look-up; until then the longest history that may be wanted is asked.
    private func longestHistory(_ command: RunCommand) -> Int {
        if let agent = command.agent.flatMap({ catalog[$0] }) { return agent.historyTurns }
        return catalog.names.compactMap { catalog[$0]?.historyTurns }.max() ?? 0
    }

    private func busy(_ live: RunID) -> AgentError {
        let status = runs[live]?.endStatus ?? .running
        return AgentError(
            .sessionBusy, "the session has a live run",
            fields: ["active_run_id": .string(live.text), "active_status": .string(status.rawValue)])
    }

    private func refuse(_ run: PendingRun, _ error: AgentError) {
        pending[run.runID] = nil
        run.reply(.failure(error))
    }

    private func decide(_ run: PendingRun, _ facts: AdmissionFacts) {
        let command = run.command
        if let refusal = refusal(run, facts) { return decided(run, .failure(refusal)) }
        let name = command.agent ?? facts.session?.agent ?? catalog.defaultName
        guard let agent = catalog[name] else { return decided(run, .failure(unknownAgent(name))) }
        decided(run, .success(accept(run, agent, facts)))
    }

    private func refusal(_ run: PendingRun, _ facts: AdmissionFacts) -> AgentError? {
        let command = run.command
        if isDraining { return AgentError(.shuttingDown, "the daemon is going down") }
        if let storageRefusal { return storageRefusal }
        if facts.isRunKnown { return takenName(run.runID) }
        guard let session = facts.session else { return nil }
        if let user = command.userID, session.userID != user {
            return noSession(run.sessionID)
        }
        if let agent = command.agent, agent != session.agent {
            return .invalid("agent", "is \(agent), but the session belongs to \(session.agent)")
        }
        return nil
    }

    private func decided(_ run: PendingRun, _ result: Result<RunDriver, AgentError>) {
        pending[run.runID] = nil
        var live: RunID?
        switch result {
        case .success(let driver): live = driver.record.runID
        case .failure(let error): run.reply(.failure(error))
        }
        let next = gates[run.sessionID]?.checked(letIn: live) ?? []
        for waiting in next { ask(waiting) }
        for stop in waitingStops.removeValue(forKey: run.sessionID) ?? [] { stop() }
        forgetIdleGate(run.sessionID)
    }

    /// Writes the acceptance: session, question, run and its first event, all in one sealed batch.
    private func accept(_ run: PendingRun, _ agent: Agent, _ facts: AdmissionFacts) -> RunDriver {
        let command = run.command
        let now = self.now
        let question = Message(
            messageID: MessageID(trusted: "msg_" + environment.makeName()), runID: run.runID, step: 0,
            position: facts.nextPosition, role: .user, content: command.input, createdAt: now, completedAt: now)
        var record = RunRecord(
            runID: run.runID, sessionID: run.sessionID, userID: facts.session?.userID ?? command.userID,
            agent: agent.name, status: .running, createdAt: now)
        record.startedAt = now
        record.model = agent.model
        record.provider = agent.providerName
        record.userMessageID = question.messageID
        record.metadata = command.metadata
        if facts.session == nil {
            batch.append(
                .sessionCreated(
                    SessionRecord(
                        sessionID: run.sessionID, userID: command.userID, agent: agent.name, createdAt: now,
                        updatedAt: now)))
        } else {
            batch.append(.sessionTouched(run.sessionID, at: now))
        }
        batch.append(.messageAdded(question, run.sessionID))
        batch.append(.runAccepted(record, request: request(of: command)))
        let history = HistoryWindow.messages(
            of: facts.messages, turns: agent.historyTurns, stoppedTurns: agent.stoppedTurns, haltNote: agent.haltNote)
        let driver = RunDriver(
            engine: self, agent: agent, record: record, conversation: history + [question],
            nextPosition: facts.nextPosition + 1)
        runs[run.runID] = driver
        batch.releases.append(
            .reply {
                run.reply(.success(RunAcceptance(runID: run.runID, sessionID: run.sessionID, status: .running)))
            })
        if let sink = run.sink { driver.subscribe(sink, of: run.client) }
        driver.start(input: command.input, into: batch)
        let policy = command.onDisconnect ?? (command.stream == .none ? .continue : agent.onDisconnect)
        if policy == .stop {
            if run.isClientGone { driver.stop(.disconnect, message: nil) } else { bind(driver, to: run.client) }
        }
        return driver
    }

    /// The command as it was accepted. The question is not in it: the user's message holds that.
    private func request(of command: RunCommand) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("stream", command.stream.rawValue)
        writer.member("on_disconnect", command.onDisconnect?.rawValue)
        writer.member("metadata", command.metadata.map(JSONValue.object))
        writer.endObject()
        return writer.bytes
    }
}
