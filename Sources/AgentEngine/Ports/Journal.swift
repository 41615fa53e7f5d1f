public import AgentProtocol

/// The ledger as the engine sees it: batches go in, one at a time; questions are answered from what is committed.
///
/// Every answer comes where the engine lives. A batch that cannot be committed is never reported as committed.
public protocol Journal: AnyObject {
    /// Called with each batch once it is committed, and synced if it was sealed.
    var committed: ((LedgerBatch) -> Void)? { get set }

    /// Called when the storage becomes full, or writable again. A batch that finds it full is neither lost nor
    /// committed: it waits.
    var storageChanged: ((StorageCondition) -> Void)? { get set }

    /// Commits a batch in one transaction. No second batch may be handed over before `committed`, which may come
    /// during this call.
    func commit(_ batch: LedgerBatch)

    /// What must be known before a run is accepted.
    func admission(_ query: AdmissionQuery, _ answer: @escaping (Result<AdmissionFacts, AgentError>) -> Void)

    /// What a run that waited in line must know when its turn comes.
    func turn(_ query: TurnQuery, _ answer: @escaping (Result<TurnFacts, AgentError>) -> Void)

    /// The run that a `stop` names and that is not live; nil when there is none.
    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void)

    /// A conversation, and how much is in it; nil when there is none of that name.
    func session(_ name: SessionID, _ answer: @escaping (Result<SessionContents?, AgentError>) -> Void)

    /// Some of a user's conversations, at most so many.
    func sessions(of user: UserID, limit: Int, _ answer: @escaping (Result<[SessionID], AgentError>) -> Void)

    /// A part of a run's log.
    func replay(_ query: ReplayQuery, _ answer: @escaping (Result<ReplayPage, AgentError>) -> Void)

    /// A page, or a record, as the members of a reply. What nobody wants any more when its turn comes is not read.
    func read(
        _ query: ReadQuery, isWanted: @escaping () -> Bool,
        _ answer: @escaping (Result<[UInt8], AgentError>) -> Void)

    /// What was deleted leaves the files: the write-ahead log is emptied. Calls back when that is done, or when it has
    /// to go on later because another process reads the log.
    func scrub(_ done: @escaping () -> Void)
}

/// Whether there is space for anything new.
public enum StorageCondition: Sendable {
    /// There is none: only what is live still gets its end.
    case full
    /// There is.
    case writable
}

/// Asks what must be known before a run is accepted.
public struct AdmissionQuery: Sendable {
    /// The conversation the run wants to join, if it named one.
    public var sessionID: SessionID?
    /// The name the client chose for the run, if it did.
    public var runID: RunID?
    /// How many turns of the conversation the model may be told, at most.
    public var turns: Int

    /// A question with everything said.
    public init(sessionID: SessionID?, runID: RunID?, turns: Int) {
        self.sessionID = sessionID
        self.runID = runID
        self.turns = turns
    }
}

/// What is known before a run is accepted.
public struct AdmissionFacts: Sendable {
    /// The conversation; nil when there is none of that name.
    public var session: SessionRecord?
    /// The run that has the name; nil when it is free.
    public var known: KnownRun?
    /// The last turn of the conversation; 0 when it has none.
    public var lastTurn: Int64
    /// The last turns of the conversation, oldest first.
    public var messages: [Message]

    /// Facts with everything said.
    public init(
        session: SessionRecord? = nil, known: KnownRun? = nil, lastTurn: Int64 = 0, messages: [Message] = []
    ) {
        self.session = session
        self.known = known
        self.lastTurn = lastTurn
        self.messages = messages
    }
}

/// A run that has its name already.
public struct KnownRun: Sendable {
    /// The run.
    public var record: RunRecord
    /// What tells its command from another one; nil when the ledger does not say.
    public var digest: InputDigest?

    /// A run with everything said.
    public init(record: RunRecord, digest: InputDigest?) {
        self.record = record
        self.digest = digest
    }
}

/// Asks what a run that waited in line must know when its turn comes.
public struct TurnQuery: Sendable {
    /// The conversation.
    public var sessionID: SessionID
    /// The run's question.
    public var question: MessageID
    /// How many turns before it the model is told, at most.
    public var turns: Int
    /// Where the run's own turn begins: what stands there or later is not told.
    public var before: Int64
    /// Runs that have not begun, and are not told.
    public var excluding: Set<RunID>

    /// A question with everything said.
    public init(sessionID: SessionID, question: MessageID, turns: Int, before: Int64, excluding: Set<RunID>) {
        self.sessionID = sessionID
        self.question = question
        self.turns = turns
        self.before = before
        self.excluding = excluding
    }
}

/// What a run that waited in line must know when its turn comes.
public struct TurnFacts: Sendable {
    /// Its question.
    public var question: Message
    /// The turns before it, oldest first.
    public var messages: [Message]

    /// Facts with everything said.
    public init(question: Message, messages: [Message]) {
        self.question = question
        self.messages = messages
    }
}

/// A conversation, and how much is in it.
public struct SessionContents: Sendable {
    /// The conversation.
    public var record: SessionRecord
    /// Its runs.
    public var runs: Int64
    /// Its messages.
    public var messages: Int64

    /// Contents with everything said.
    public init(record: SessionRecord, runs: Int64, messages: Int64) {
        self.record = record
        self.runs = runs
        self.messages = messages
    }
}

/// Names a run that is no longer live.
public enum FinishedQuery: Sendable {
    /// By its own name.
    case run(RunID)
    /// The latest of a conversation; a conversation that is missing, or another user's, has none.
    case latest(SessionID, userID: UserID?)
}

/// A question that is answered with the members of a reply.
public enum ReadQuery: Sendable {
    /// `list` of sessions or runs.
    case list(ListCommand)
    /// `history`, with what a live run has said so far.
    case history(HistoryCommand, live: LiveAnswer?)
    /// `get`, with what a live run has said so far.
    case get(GetCommand, live: LiveAnswer?)
}
