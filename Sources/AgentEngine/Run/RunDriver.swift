import AgentProtocol

/// One live run: performs what its state machine decides and keeps its log.
///
/// Belongs to the engine, and like it to one thread.
final class RunDriver {
    var record: RunRecord
    private(set) var agent: Agent
    /// Counts acceptances: who came first.
    let order: Int
    /// The run's turn in its conversation, unless another one is given to it when it begins.
    let turn: Int64
    /// What tells its command from another one; nil when that is not known.
    let digest: InputDigest?
    /// The client whose going away stops the run; nil when nobody's does.
    var boundClient: ClientID?
    /// The streams of the run, also those that have not caught up with it.
    var cursors: [RunCursor] = []
    /// The seq of the last committed event that is a pause or the end.
    var finalSeq: Int64 = 0
    /// How far a run in line has come.
    var place = LinePlace.unwritten
    /// Whether the engine has noted that something is pending.
    var isDirty = false

    unowned let engine: Engine
    var machine: RunStateMachine
    var log: RunLog
    /// What the model is told at the next request.
    var conversation: [Message]
    var nextPosition: Int64
    var step = 0
    var stepMessage: Message?
    var stepTools: [Message] = []
    /// Messages that are closed and have no committed row yet, oldest first, and where their text stands in the log.
    var unsaved: [(message: Message, text: Range<Int>)] = []
    var call: (any ModelCall)?
    /// When the model was last asked; nil while it is not.
    var askedAt: Timestamp?
    var deadline: (any EngineTimer)?
    var pause: (any EngineTimer)?
    var usage = Usage()
    var stepUsage: Usage?
    var stepKept: [UInt8]?
    /// Bytes of reasoning and of calls' arguments so far; they count like text.
    var bytesBesideText = 0
    var assistantMessageID: MessageID?
    /// How it ends, once that is decided.
    var outcome: RunOutcome?

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

    /// Gives a run that has not begun the agent that its name stands for now.
    func take(_ agent: Agent) {
        self.agent = agent
        machine = Self.machine(of: agent)
    }

    private static func machine(of agent: Agent) -> RunStateMachine {
        RunStateMachine(maxSteps: agent.maxSteps, retry: RetryPolicy(maxAttempts: agent.maxAttempts))
    }

    /// Where the run stands, also when that is not in the ledger yet.
    var status: RunStatus { outcome?.status ?? record.status }

    /// Whether the run has no end yet.
    var isOpen: Bool { outcome == nil }

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
        // The acceptance of a run that begins at once has said when.
        record.startedAt = record.startedAt ?? engine.now
        record.model = agent.model
        record.provider = agent.providerName
        conversation = history + [question]
        nextPosition = question.position + 1
        let index = log.append(
            .runStarted, into: engine.batch, at: engine.now, RunPayload.started(record, question.content),
            keeping: RunPayload.restOfStarted)
        engine.batch.releases.append(.event(self, index))
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
}
