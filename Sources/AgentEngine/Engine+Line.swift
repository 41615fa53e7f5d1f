import AgentProtocol

/// The line: who begins when somebody else has ended.
extension Engine {
    /// A run in line is in the ledger: its turn may come.
    func joined(_ run: RunDriver) {
        run.place = .waiting
        advance(run.record.sessionID)
    }

    /// Lets the next run of a session begin, or wait for a slot.
    func advance(_ session: SessionID) {
        guard !isStorageFull, let next = gates[session]?.next, let run = runs[next], run.place == .waiting else {
            return
        }
        run.place = .atSlots
        if slots.take(next, order: run.order) { callUp(run) }
    }

    /// Gives the slots that are free to those who wait for one.
    func fillSlots() {
        while !isStorageFull, let next = slots.next(), let run = runs[next] { callUp(run) }
    }

    /// A run's turn has come: the ledger is asked for the question and what was said before it.
    private func callUp(_ run: RunDriver) {
        // A daemon that goes down leaves the line as it is.
        guard !isDraining else { return }
        let record = run.record
        guard let question = record.userMessageID else { preconditionFailure("a run has a question") }
        let unbegun = Set(gates[record.sessionID]?.runs ?? [])
        let turn = gates[record.sessionID, default: SessionGate()].take(record.runID, turn: run.turn)
        guard let agent = catalog[record.agent] else {
            return run.fail(ErrorRecord(.agentNotFound, "there is no agent named \(record.agent) any more"))
        }
        run.take(agent)
        let query = TurnQuery(
            sessionID: record.sessionID, question: question, turns: run.agent.historyTurns,
            before: TurnPosition.question(of: turn), excluding: unbegun)
        journal.turn(query) { [unowned self] answer in
            // It may have ended meanwhile, or the daemon may be going down.
            guard run.isOpen, !isDraining else { return }
            switch answer {
            case .success where isStorageFull: run.storageIsFull()
            case .success(let facts): begin(run, turn, facts)
            case .failure(let error): run.fail(ErrorRecord(error.code, error.message))
            }
        }
    }

    private func begin(_ run: RunDriver, _ turn: Int64, _ facts: TurnFacts) {
        var question = facts.question
        if turn != run.turn {
            question.position = TurnPosition.question(of: turn)
            batch.append(.messageMoved(question.messageID, to: question.position))
        }
        queuedRuns -= 1
        run.start(question, after: history(facts.messages, of: run.agent))
        let record = run.record
        batch.append(
            .runBegan(record.runID, at: record.startedAt ?? now, model: record.model, provider: record.provider))
        batch.append(.sessionTouched(record.sessionID, at: now))
    }

    /// What the model is told of what was said before.
    func history(_ messages: [Message], of agent: Agent) -> [Message] {
        HistoryWindow.messages(
            of: messages, turns: agent.historyTurns, stoppedTurns: agent.stoppedTurns, haltNote: agent.haltNote)
    }

    /// Ends a run for somebody, wherever it stands.
    func cancel(_ run: RunDriver, _ reason: CancelReason, message: String? = nil) {
        run.stop(reason, message: message)
        // Its slot, if it has one, is free once its end is in the ledger.
        guard gates[run.record.sessionID]?.leave(run.record.runID) == true else { return }
        slots.leave(run.record.runID)
    }

    /// Takes over the runs that the last process has left, in the order in which they were accepted, and lets those
    /// begin whose turn it is. Comes before the first command.
    public func restore(_ unfinished: [UnfinishedRun]) {
        for run in unfinished {
            let record = run.record
            guard let agent = catalog[record.agent] else { preconditionFailure("recovery ends runs without an agent") }
            let driver = RunDriver(engine: self, agent: agent, unfinished: run, order: nextOrder())
            runs[record.runID] = driver
            var gate = gates[record.sessionID, default: SessionGate()]
            gate.restore(lastTurn: run.lastTurn, begunTurn: run.lastBegunTurn)
            if record.status == .queued {
                gate.join(record.runID, inFront: run.isInFront)
                queuedRuns += 1
                driver.place = .waiting
            } else {
                gate.hold(record.runID)
            }
            gates[record.sessionID] = gate
        }
        for run in unfinished { advance(run.record.sessionID) }
    }
}
