import AgentProtocol

/// One live run: performs what its state machine decides and keeps its log.
///
/// Belongs to the engine, and like it to one thread.
final class RunDriver {
    private(set) var record: RunRecord
    let agent: Agent
    /// Counts acceptances: who came first.
    let order: Int
    /// The run's turn in its conversation, unless another one is given to it when it begins.
    let turn: Int64
    /// What tells its command from another one; nil when that is not known.
    let digest: InputDigest?
    /// The client whose going away stops the run; nil when nobody's does.
    var boundClient: ClientID?
    /// The streams of the run, also those that have not caught up with it.
    private(set) var cursors: [RunCursor] = []
    /// The seq of the last committed event that is a pause or the end.
    private var finalSeq: Int64 = 0
    /// How far a run in line has come.
    var place = LinePlace.unwritten
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

    /// A run that is accepted; it begins now or when its turn comes.
    init(engine: Engine, agent: Agent, record: RunRecord, order: Int, turn: Int64, digest: InputDigest) {
        self.engine = engine
        self.agent = agent
        self.record = record
        self.order = order
        self.turn = turn
        self.digest = digest
        conversation = []
        nextPosition = TurnPosition.question(of: turn) + 1
        machine = Self.machine(of: agent)
        log = RunLog(runID: record.runID)
    }

    /// A run that another process has left: it waits for its turn or for an answer.
    init(engine: Engine, agent: Agent, unfinished run: UnfinishedRun, order: Int) {
        self.engine = engine
        self.agent = agent
        self.order = order
        record = run.record
        digest = run.digest
        turn = TurnPosition.turn(of: run.lastPosition)
        conversation = []
        nextPosition = run.lastPosition + 1
        machine = Self.machine(of: agent)
        log = RunRecovery.log(of: run, openMessage: MessageID(trusted: ""))
        finalSeq = run.events.last { $0.kind.isFinal }?.seq ?? 0
        step = Int(run.messages.last?.step ?? 0)
        assistantMessageID = run.messages.last { $0.role == .assistant }?.messageID
    }

    private static func machine(of agent: Agent) -> RunStateMachine {
        RunStateMachine(maxSteps: agent.maxSteps, retry: RetryPolicy(maxAttempts: agent.maxAttempts))
    }

    /// Where the run stands, also when that is not in the ledger yet.
    var status: RunStatus { endStatus ?? record.status }

    /// Whether the run has no end yet.
    var isOpen: Bool { endStatus == nil }

    /// Whether the run has not begun; true to its end for one that ends in line.
    var isQueued: Bool { record.status == .queued }

    /// Whether the run is to end with the daemon: it is neither in line nor paused.
    var isWorking: Bool { status == .running }

    /// How far a run in line has come.
    enum LinePlace {
        /// Its acceptance is not in the ledger yet.
        case unwritten
        /// It waits for its session.
        case waiting
        /// It has its session, and has asked for a slot.
        case atSlots
    }

    // MARK: Streams

    /// The seq of the last committed event.
    var committedSeq: Int64 { log.committedSeq }

    /// The seq of the last committed event that a stream may want.
    func lastSeq(for cursor: RunCursor) -> Int64 { cursor.sink.wantsFinalOnly ? finalSeq : committedSeq }

    /// The number of the open step's first delta; nil when it has none.
    var openSince: Int64? { log.openSince }

    func add(_ cursor: RunCursor) { cursors.append(cursor) }

    func remove(_ cursor: RunCursor) { cursors.removeAll { $0 === cursor } }

    func removeCursors(of client: ClientID) { cursors.removeAll { $0.client == client } }

    /// Reads committed text that is still in memory out to a stream that lags; false when what it needs next is not.
    func replay(to cursor: RunCursor, limit: Int) -> Bool {
        guard !cursor.sink.wantsFinalOnly else { return false }
        let before = cursor.position
        let last = log.replay(after: cursor.position, limit: limit) { kind, seq, time, payload in
            cursor.deliver(
                CommittedEvent(
                    runID: record.runID, sessionID: record.sessionID, kind: kind, seq: seq, ts: time, payload: payload,
                    content: nil))
        }
        return last > before
    }

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

    /// Writes the first event of a run that has to wait; goes into the batch that accepts it.
    func queue(at position: Int) {
        append(.runQueued) { writer in
            writer.member("status", RunStatus.queued.rawValue)
            writer.member("position", Int64(position))
        }
        engine.batch.releases.append(.joined(self))
    }

    /// Begins: `history` is what the model is told before the question.
    func start(_ question: Message, after history: [Message]) {
        record.status = .running
        record.startedAt = engine.now
        record.model = agent.model
        record.provider = agent.providerName
        conversation = history + [question]
        nextPosition = question.position + 1
        let clip = ClippedText(question.content)
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
        engine.batch.releases.append(.begin(self))
    }

    /// The acceptance is committed: work may begin.
    func begin() {
        guard !machine.isFinished else { return }
        deadline = engine.environment.makeTimer { [unowned self] in perform(machine.timeExpired()) }
        deadline?.arm(after: agent.timeLimit)
        perform(machine.accepted())
    }

    func stop(_ reason: CancelReason, message: String?) { perform(machine.stopRequested(reason, message: message)) }

    func fail(_ error: ErrorRecord) { perform(machine.beginningFailed(error)) }

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
        if event.kind.isFinal { finalSeq = event.seq }
        guard !cursors.isEmpty else { return }
        batch.bytes.withUnsafeBytes { bytes in
            log.text.withUnsafeBytes { text in
                let committed = CommittedEvent(
                    runID: record.runID, sessionID: record.sessionID, kind: event.kind, seq: event.seq, ts: event.ts,
                    payload: UnsafeRawBufferPointer(rebasing: bytes[event.payload]),
                    content: event.kind.isTerminal
                        ? UnsafeRawBufferPointer(rebasing: text[..<terminalContentEnd]) : nil)
                // A cursor that was read to from the ledger may have had what the engine hears of only now.
                for cursor in cursors where cursor.isLive && event.seq > cursor.position { cursor.deliver(committed) }
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
        for fold in log.closeStep() { engine.batch.append(.textFolded(fold)) }
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
        closeStep(interrupted: outcome.status == .interrupted, error: outcome.error, wasAsked: isAsked)
        RunEnding(
            outcome: outcome, runID: record.runID, sessionID: record.sessionID,
            assistantMessageID: assistantMessageID, usage: usage, startedAt: record.startedAt ?? record.createdAt
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
