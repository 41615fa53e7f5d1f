import AgentProtocol

/// What the state machine's decisions come to.
extension RunDriver {
    func perform(_ actions: [RunStateMachine.Action]) {
        for action in actions {
            switch action {
            case .openRequest(let step): openRequest(step)
            case .abortRequest:
                call?.abort()
                callEnded()
                pause?.cancel()
                pause = nil
            case .retry(let attempt, let pause, let error): retry(attempt, after: pause, error)
            case .closeStep: closeStep(interrupted: false, error: nil, goesOn: true)
            case .refuse(let call): refuse(call)
            case .finish(let outcome): finish(outcome)
            }
        }
    }

    private func openRequest(_ step: Int) {
        self.step = step
        // A further attempt at the same answer goes on in the same message.
        if stepMessage == nil { beginStep() }
        askedAt = engine.now
        call = agent.provider.open(
            ModelRequest(model: agent.model, instructions: agent.instructions, messages: conversation, step: step),
            for: self)
    }

    /// A request to the model is over, however it ended.
    func callEnded() {
        call = nil
        guard let began = askedAt else { return }
        askedAt = nil
        engine.batch.releases.append(.asked(agent, milliseconds: engine.now.milliseconds - began.milliseconds))
    }

    private func retry(_ attempt: Int, after delay: Duration, _ error: ErrorRecord) {
        append(.runRetrying) { writer in
            writer.member("attempt", Int64(attempt))
            writer.member("max_attempts", Int64(agent.maxAttempts))
            writer.member("delay_ms", Int64(delay / .milliseconds(1)))
            writer.key("error")
            error.write(to: &writer)
            writer.member("discards", String?.none)
        }
        // An attempt that was refused cost nothing that we know of; one that reported usage did cost it.
        if stepUsage != nil { countUsage() }
        stepKept = nil
        let timer = engine.environment.makeTimer { [unowned self] in
            pause = nil
            perform(machine.pauseEnded())
        }
        pause = timer
        timer.arm(after: delay)
    }

    private func beginStep() {
        flush()
        let message = Message(
            messageID: MessageID(trusted: "msg_" + engine.environment.makeName()), runID: record.runID,
            step: Int64(step), position: takePosition(), role: .assistant, content: "", createdAt: engine.now,
            completedAt: nil)
        stepMessage = message
        log.beginStep(message.messageID)
    }

    private func takePosition() -> Int64 {
        defer { nextPosition += 1 }
        return nextPosition
    }

    /// The step's message is whole: it gets its row, and where the run goes on, the model is told it in the next step.
    private func closeStep(interrupted: Bool, error: ErrorRecord?, goesOn: Bool, wasAsked: Bool = true) {
        flush()
        guard var message = stepMessage else { return }
        unsaved.append((message, log.stepRange))
        engine.batch.releases.append(.saved(self))
        message.completedAt = engine.now
        message.interrupted = interrupted
        message.error = error
        // What a broken answer left behind is no use to the provider: an unfinished thought is never sent back.
        message.providerData = interrupted || error != nil ? nil : stepKept
        // Where more text follows, sharing all of it would be to copy all of it at the next piece.
        let said = goesOn ? log.stepText.alone : log.stepText
        engine.batch.append(.answerAdded(message, record.sessionID, said))
        for fold in log.closeStep() { engine.batch.append(.textFolded(fold)) }
        if goesOn {
            message.content = said.plain
            conversation.append(message)
            conversation.append(contentsOf: stepTools)
        }
        assistantMessageID = message.messageID
        stepTools = []
        stepMessage = nil
        callEnded()
        if wasAsked { countUsage() }
        stepUsage = nil
        stepKept = nil
    }

    private func countUsage() {
        var report = stepUsage
        if let known = report, known.costUSD == nil { report?.costUSD = agent.price?.cost(of: known) }
        if let report { engine.batch.releases.append(.used(report, agent)) }
        usage.add(request: report)
        stepUsage = nil
    }

    /// The oldest message without a committed row has one now.
    func saved() {
        unsaved.removeFirst()
        log.saved()
    }

    private func refuse(_ call: ToolCall) {
        let result =
            call.arguments == nil
            ? "the arguments of \(call.name) are not a JSON object" : "there is no tool named \(call.name)"
        let now = engine.now
        append(.toolCallStarted) { writer in
            writer.member("tool_call_id", call.id)
            writer.member("tool_name", call.name)
            let isCut = ShownArguments(call.arguments, raw: call.rawArguments ?? "").write(to: &writer)
            if isCut { writer.member("clipped", true) }
            writer.member("executor", "none")
            writer.member("requirement_id", String?.none)
        }
        append(.toolCallCompleted) { writer in
            writer.member("tool_call_id", call.id)
            writer.member("tool_name", call.name)
            writer.member("status", "error")
            writer.member("result", result)
            writer.member("duration_ms", Int64(0))
            writer.member("clipped", false)
        }
        let message = Message(
            messageID: MessageID(trusted: "msg_" + engine.environment.makeName()), runID: record.runID,
            step: Int64(step), position: takePosition(), role: .tool, content: result, toolCallID: call.id,
            toolName: call.name, toolArguments: call.arguments.map(JSONValue.object), createdAt: now, completedAt: now)
        engine.batch.append(.messageAdded(message, record.sessionID))
        stepTools.append(message)
    }

    private func finish(_ outcome: RunOutcome) {
        for timer in [deadline, pause] { timer?.cancel() }
        (deadline, pause) = (nil, nil)
        // A run that ends when its model is not being asked has a message all the same: the turn is remembered.
        let isAsked = stepMessage != nil
        if !isAsked {
            step += 1
            beginStep()
        }
        if let note = outcome.note(haltNote: agent.haltNote) {
            flush()
            log.say(note)
        }
        closeStep(
            interrupted: outcome.status == .interrupted, error: outcome.error, goesOn: false, wasAsked: isAsked)
        RunEnding(
            outcome: outcome, runID: record.runID, sessionID: record.sessionID,
            assistantMessageID: assistantMessageID, usage: usage, startedAt: record.startedAt ?? record.createdAt
        ).write(to: &log, into: engine.batch, at: engine.now)
        engine.batch.releases.append(.event(self, engine.batch.events.count - 1))
        engine.batch.releases.append(.end(self))
        self.outcome = outcome
    }
}
