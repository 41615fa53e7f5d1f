/// `list`: page through sessions, runs or agents.
public struct ListCommand: Sendable {
    /// What can be listed.
    public enum Kind: String, Sendable, CaseIterable {
        case sessions, runs, agents
    }

    /// What is listed.
    public var kind: Kind
    /// Only what belongs to this user.
    public var userID: UserID?
    /// Only what this agent answers.
    public var agent: AgentName?
    /// Only sessions that are, or are not, archived; nil leaves archived ones out.
    public var isActive: Bool?
    /// Only runs of this session.
    public var sessionID: SessionID?
    /// Only runs that stand here.
    public var status: RunStatus?
    /// Items of the page.
    public var limit: Int
    /// Where the page before this one ended.
    public var cursor: String?

    /// A command with everything said.
    public init(
        kind: Kind = .sessions, userID: UserID? = nil, agent: AgentName? = nil, isActive: Bool? = nil,
        sessionID: SessionID? = nil, status: RunStatus? = nil, limit: Int = Limits.pageDefault, cursor: String? = nil
    ) {
        self.kind = kind
        self.userID = userID
        self.agent = agent
        self.isActive = isActive
        self.sessionID = sessionID
        self.status = status
        self.limit = limit
        self.cursor = cursor
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        kind = fields.kind("kind")
        userID = fields.identifier("user_id")
        agent = fields.identifier("agent")
        isActive = fields.boolean("is_active")
        sessionID = fields.identifier("session_id")
        status = fields.storedStatus("status")
        limit = fields.integer("limit", in: 1...Limits.pageMax) ?? Limits.pageDefault
        cursor = fields.text("cursor", limit: Limits.cursorBytes, required: true)
        try fields.check()
        let given = [
            ("user_id", userID != nil), ("agent", agent != nil), ("is_active", isActive != nil),
            ("session_id", sessionID != nil), ("status", status != nil),
        ]
        for (name, isGiven) in given where isGiven && !kind.filters.contains(name) {
            throw .invalid(name, "is no filter of \(kind.rawValue)")
        }
    }
}

extension ListCommand.Kind {
    /// The filters that may go with the kind.
    fileprivate var filters: [String] {
        switch self {
        case .sessions: ["user_id", "agent", "is_active"]
        case .runs: ["user_id", "session_id", "agent", "status"]
        case .agents: []
        }
    }
}

/// Kinds of the contract that are not built.
private enum UnsupportedKind: String {
    case tools, requirements
}

extension CommandFields {
    fileprivate mutating func kind(_ name: String) -> ListCommand.Kind {
        if let text = value(name)?.string, UnsupportedKind(rawValue: text) != nil {
            report(.unsupported(field: name))
            return .sessions
        }
        return choice(name) ?? .sessions
    }

    /// A status that a run can be looked up by; `stopping` is stored as running.
    fileprivate mutating func storedStatus(_ name: String) -> RunStatus? {
        let status: RunStatus? = choice(name)
        if status == .stopping { report(.invalid(name, "stopping is no filter; such a run is listed as running")) }
        return status
    }
}
