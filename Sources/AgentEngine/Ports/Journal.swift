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

    /// The run that a `stop` names and that is not live; nil when there is none.
    func finished(_ query: FinishedQuery, _ answer: @escaping (Result<RunRecord?, AgentError>) -> Void)

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
    /// Whether the run's name is taken.
    public var isRunKnown: Bool
    /// The next free position in the conversation.
    public var nextPosition: Int64
    /// The last turns of the conversation, oldest first.
    public var messages: [Message]

    /// Facts with everything said.
    public init(session: SessionRecord?, isRunKnown: Bool, nextPosition: Int64, messages: [Message]) {
        self.session = session
        self.isRunKnown = isRunKnown
        self.nextPosition = nextPosition
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
