import AgentProtocol

/// One live run: performs what its state machine decides and keeps its log.
///
/// Belongs to the engine, and like it to one thread.
final class RunDriver {
    let record: RunRecord
    let agent: Agent
    /// The client whose going away stops the run; nil when nobody's does.
    var boundClient: ClientID?
    private(set) var subscribers: [Subscriber] = []
    /// Whether the engine has noted that something is pending.
    var isDirty = false

    private unowned let engine: Engine
    private var machine: RunStateMachine
    private var log: RunLog
    /// What the model is told at the next request.
    private var conversation: [Message]
    private var nextPosition: Int64
    private var step = 0
    private var stepMessage: Message?
    private var stepTools: [Message] = []
    /// Messages that are closed and have no committed row yet, oldest first, and where their text stands in the log.
    private var unsaved: [(message: Message, text: Range<Int>)] = []
    private var call: (any ModelCall)?
    private var deadline: (any EngineTimer)?
    private var pause: (any EngineTimer)?
    private var usage = Usage()
    private var stepUsage: Usage?
    private var stepKept: [UInt8]?
    /// Bytes of reasoning and of calls' arguments so far; they count like text.
    private var bytesBesideText = 0
    private var assistantMessageID: MessageID?
    private(set) var endStatus: RunStatus?

    init(engine: Engine, agent: Agent, record: RunRecord, conversation: [Message], nextPosition: Int64) {
        self.engine = engine
        self.agent = agent
        self.record = record
        self.conversation = conversation
        self.nextPosition = nextPosition
        machine = RunStateMachine(
            maxSteps: agent.maxSteps, retry: RetryPolicy(maxAttempts: agent.maxAttempts))
        log = RunLog(runID: record.runID)
    }

    /// A stream of the run, and whose it is.
    struct Subscriber {
        let sink: any EventSink
        let client: ClientID
    }

    func subscribe(_ sink: any EventSink, of client: ClientID) {
        subscribers.append(Subscriber(sink: sink, client: client))
    }

    func unsubscribe(_ sink: any EventSink) { subscribers.removeAll { $0.sink === sink } }

    func unsubscribe(_ client: ClientID) { subscribers.removeAll { $0.client == client } }

    /// The message whose text is being written, or is written and not in its row yet.
    var liveMessageID: MessageID? { (unsaved.first?.message ?? stepMessage)?.messageID }

    /// What the run has said so far, for those who ask while it is live.
    ///
    /// A later message's text is committed with or after an earlier one's row: only the first without one has any.
    var liveAnswer: LiveAnswer? {
        guard let message = unsaved.first?.message ?? stepMessage else { return nil }
        return log.liveAnswer(message, in: unsaved.first?.text)
    }

    // MARK: Inputs

    /// Writes the first event; goes into the batch that accepts the run.
    func start(input: String, into batch: LedgerBatch) {
        let clip = ClippedText(input)
        append(.runStarted) { writer in
            writer.member("status", RunStatus.running.rawValue)
            writer.member("agent", agent.name)
            writer.member("model", agent.model)
            writer.member("provider", agent.providerName)
            writer.member("input", clip.text)
            if clip.isClipped {
                writer.member("clipped", true)
                writer.member("bytes", Int64(clip.bytes))
            }
            writer.member("user_message_id", record.userMessageID)
        }
        batch.releases.append(.begin(self))
    }

    /// The acceptance is committed: work may begin.
    func begin() {
        guard !machine.isFinished else { return }
        deadline = engine.environment.makeTimer { [unowned self] in perform(machine.timeExpired()) }
        deadline?.arm(after: agent.timeLimit)
        perform(machine.accepted())
    }

    func stop(_ reason: CancelReason, message: String?) { perform(machine.stopRequested(reason, message: message)) }

    func shutDown() { perform(machine.shutDown()) }

    func storageIsFull() { perform(machine.storageIsFull()) }

    // MARK: Log

    /// Moves what is pending into the batch under way.
    func flush() {
        isDirty = false
        guard log.hasPending else { return }
        let batch = engine.batch
        for index in log.flush(into: batch, at: engine.now) { batch.releases.append(.event(self, index)) }
    }

    private func append(_ kind: EventKind, _ payload: (inout JSONWriter) -> Void) {
        flush()
        let index = log.append(kind, into: engine.batch, at: engine.now, payload)
        engine.batch.releases.append(.event(self, index))
    }

    /// Reads a committed event out to everybody who listens.
    func release(_ event: LedgerBatch.Event, of batch: LedgerBatch) {
        log.committed(event)
        guard !subscribers.isEmpty else { return }
        batch.bytes.withUnsafeBytes { bytes in
            log.text.withUnsafeBytes { text in
                let committed = CommittedEvent(
                    runID: record.runID, sessionID: record.sessionID, kind: event.kind, seq: event.seq, ts: event.ts,
                    payload: UnsafeRawBufferPointer(rebasing: bytes[event.payload]),
                    content: event.kind.isTerminal
                        ? UnsafeRawBufferPointer(rebasing: text[..<terminalContentEnd]) : nil)
                for subscriber in subscribers where event.kind.isFinal || !subscriber.sink.wantsFinalOnly {
                    subscriber.sink.deliver(committed)
                }
            }
        }
    }

    /// A line stays below what is promised: a longer text is cut, and the payload says so.
    private var terminalContentEnd: Int { EscapedText.boundary(in: log.text, from: 0, limit: Limits.clipBytes) }

    // MARK: Actions

    private func perform(_ actions: [RunStateMachine.Action]) {
        for action in actions {
            switch action {
            case .openRequest(let step): openRequest(step)
            case .abortRequest:
                call?.abort()
                call = nil
                pause?.cancel()
                pause = nil
            case .retry(let attempt, let pause, let error): retry(attempt, after: pause, error)
            case .closeStep: closeStep(interrupted: false, error: nil)
            case .refuse(let call): refuse(call)
            case .finish(let outcome): finish(outcome)
            }
        }
    }

    private func openRequest(_ step: Int) {
        self.step = step
        // A further attempt at the same answer goes on in the same message.
        if stepMessage == nil { beginStep() }
        call = agent.provider.open(
            ModelRequest(model: agent.model, instructions: agent.instructions, messages: conversation, step: step),
            for: self)
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

    /// The step's message is whole: it gets its row, and the model is told it in the next step.
    private func closeStep(interrupted: Bool, error: ErrorRecord?, wasAsked: Bool = true) {
        flush()
        guard var message = stepMessage else { return }
        unsaved.append((message, log.stepRange))
        engine.batch.releases.append(.saved(self))
        message.content = log.stepText
        message.completedAt = engine.now
        message.interrupted = interrupted
        message.error = error
        // What a broken answer left behind is no use to the provider: an unfinished thought is never sent back.
        message.providerData = interrupted || error != nil ? nil : stepKept
        engine.batch.append(.messageAdded(message, record.sessionID))
        conversation.append(message)
        conversation.append(contentsOf: stepTools)
        assistantMessageID = message.messageID
        stepTools = []
        stepMessage = nil
        call = nil
        if wasAsked { countUsage() }
        stepUsage = nil
        stepKept = nil
    }

    private func countUsage() {
        var report = stepUsage
        if let known = report, known.costUSD == nil { report?.costUSD = agent.price?.cost(of: known) }
        usage.add(request: report)
        stepUsage = nil
    }

    /// The oldest message without a committed row has one now.
    func saved() { unsaved.removeFirst() }

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
        closeStep(interrupted: outcome.status == .interrupted, error: outcome.error, wasAsked: isAsked)
        RunEnding(
            outcome: outcome, runID: record.runID, sessionID: record.sessionID,
            assistantMessageID: assistantMessageID, usage: usage, startedAt: record.createdAt
        ).write(to: &log, into: engine.batch, at: engine.now)
        engine.batch.releases.append(.event(self, engine.batch.events.count - 1))
        engine.batch.releases.append(.end(self))
        endStatus = outcome.status
    }
}

// MARK: What the model says

extension RunDriver: ModelReceiver {
    func modelSaid(_ escaped: UnsafeRawBufferPointer) { take(escaped, .content) }

    func modelThought(_ escaped: UnsafeRawBufferPointer) { take(escaped, .reasoning) }

    private func take(_ escaped: UnsafeRawBufferPointer, _ flow: RunLog.Flow) {
        guard machine.said() else { return }
        if flow == .reasoning { bytesBesideText += escaped.count }
        guard log.text.count + bytesBesideText + escaped.count <= Limits.answerBytes else {
            return perform(machine.outgrown(Limits.answerBytes))
        }
        if !log.accepts(flow) { flush() }
        log.append(escaped, to: flow)
        if !isDirty {
            isDirty = true
            engine.dirty.append(self)
        }
    }

    func modelCalled(_ call: ToolCall) {
        guard machine.isAnswering else { return }
        bytesBesideText += ShownArguments(call.arguments, raw: call.rawArguments).bytes
        guard log.text.count + bytesBesideText <= Limits.answerBytes else {
            return perform(machine.outgrown(Limits.answerBytes))
        }
        perform(machine.toolCalled(call))
    }

    func modelReported(_ usage: Usage) { if machine.isAnswering { stepUsage = usage } }

    func modelKept(_ data: [UInt8]) { if machine.isAnswering { stepKept = data } }

    func modelEnded(_ reason: StopReason, providerReason: String?) {
        perform(machine.modelEnded(reason, providerReason: providerReason))
    }

    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice) {
        call = nil
        perform(machine.modelFailed(error, retry: retry, random: engine.environment.random()))
    }
}
