public import AgentProtocol

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
