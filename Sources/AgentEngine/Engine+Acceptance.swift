import AgentProtocol

/// The acceptance: what is written of a run before anybody hears of it.
extension Engine {
    /// What a run must know of the conversation that it joins.
    struct Conversation {
        let agent: AgentName
        let userID: UserID?
    }

    /// Accepts a run that begins at once.
    func start(
        _ run: PendingRun, _ session: Conversation?, _ agent: Agent, _ facts: AdmissionFacts, turn: Int64
    ) {
        let (driver, question) = accept(run, session, agent, .running, turn: turn)
        _ = gates[run.sessionID]?.take(run.runID, turn: turn)
        _ = slots.take(run.runID, order: driver.order)
        welcome(run, driver, position: nil)
        driver.start(question, after: history(facts.messages, of: agent))
        bindIfWanted(run, driver)
    }

    /// Accepts a run that waits for its turn.
    func enqueue(
        _ run: PendingRun, _ session: Conversation?, _ agent: Agent, turn: Int64, position: Int
    ) {
        let (driver, _) = accept(run, session, agent, .queued, turn: turn)
        gates[run.sessionID]?.join(run.runID, inFront: run.command.onBusy == .replace)
        queuedRuns += 1
        welcome(run, driver, position: position)
        driver.queue(at: position)
        bindIfWanted(run, driver)
    }

    /// Writes the acceptance: session, question and run; its first event follows into the same sealed batch.
    private func accept(
        _ run: PendingRun, _ session: Conversation?, _ agent: Agent, _ status: RunStatus, turn: Int64
    ) -> (RunDriver, Message) {
        let command = run.command
        let now = self.now
        let question = Message(
            messageID: MessageID(trusted: "msg_" + environment.makeName()), runID: run.runID, step: 0,
            position: TurnPosition.question(of: turn), role: .user, content: command.input, createdAt: now,
            completedAt: now)
        var record = RunRecord(
            runID: run.runID, sessionID: run.sessionID, userID: session?.userID ?? command.userID,
            agent: agent.name, status: status, createdAt: now)
        record.startedAt = status == .running ? now : nil
        record.model = agent.model
        record.provider = agent.providerName
        record.userMessageID = question.messageID
        record.metadata = command.metadata
        if session == nil {
            batch.append(
                .sessionCreated(
                    SessionRecord(
                        sessionID: run.sessionID, userID: command.userID, agent: agent.name,
                        title: SessionTitle.of(command.input), createdAt: now, updatedAt: now)))
        } else {
            batch.append(.sessionTouched(run.sessionID, at: now))
        }
        batch.append(.messageAdded(question, run.sessionID))
        let isBound = policy(of: command, agent) == .stop
        batch.append(
            .runAccepted(record, RunOrigin(request: request(of: command), digest: run.digest, isBound: isBound)))
        let driver = RunDriver(
            engine: self, agent: agent, record: record, order: nextOrder(), turn: turn, digest: run.digest)
        runs[run.runID] = driver
        return (driver, question)
    }

    /// Gives the reply once the acceptance is in the ledger, and the stream what comes after it.
    private func welcome(_ run: PendingRun, _ driver: RunDriver, position: Int?) {
        let cursor = run.sink.map { sink in
            RunCursor(
                runID: run.runID, sessionID: run.sessionID, client: run.client, sink: sink, state: .live, position: 0)
        }
        if let cursor { driver.add(cursor) }
        let acceptance = RunAcceptance(
            runID: run.runID, sessionID: run.sessionID, status: driver.status, cursor: cursor, position: position)
        batch.releases.append(.reply { run.reply(.success(acceptance)) })
    }

    private func policy(of command: RunCommand, _ agent: Agent) -> DisconnectPolicy {
        command.onDisconnect ?? (command.stream == .none ? .continue : agent.onDisconnect)
    }

    private func bindIfWanted(_ run: PendingRun, _ driver: RunDriver) {
        guard policy(of: run.command, driver.agent) == .stop else { return }
        if run.isClientGone { cancel(driver, .disconnect) } else { bind(driver, to: run.client) }
    }

    /// The command as it was accepted, without what it leaves to the defaults. The question is not in it: the user's
    /// message holds that.
    private func request(of command: RunCommand) -> [UInt8] {
        let plain = RunCommand(input: "")
        var writer = JSONWriter()
        writer.beginObject()
        if command.stream != plain.stream { writer.member("stream", command.stream.rawValue) }
        if let policy = command.onDisconnect { writer.member("on_disconnect", policy.rawValue) }
        if command.onBusy != plain.onBusy { writer.member("on_busy", command.onBusy.rawValue) }
        if let metadata = command.metadata { writer.member("metadata", JSONValue.object(metadata)) }
        writer.endObject()
        return writer.bytes
    }
}
