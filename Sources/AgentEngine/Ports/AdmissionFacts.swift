public import AgentProtocol

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
