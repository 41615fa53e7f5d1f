/// `update`: change what a session is called and what is kept with it.
public struct UpdateCommand: Sendable {
    /// The session.
    public var sessionID: SessionID
    /// The user on whose behalf the command is given.
    public var userID: UserID?
    /// A few words for a list, on one line; empty takes them away, nil leaves them as they are.
    public var title: String?
    /// What it was about; empty takes it away, nil leaves it as it is.
    public var summary: String?
    /// False archives the session, true brings it back.
    public var isActive: Bool?
    /// What takes the place of the metadata that is there.
    public var metadata: JSONObject?

    /// A command with everything said; something to change must be there.
    public init(
        sessionID: SessionID, userID: UserID? = nil, title: String? = nil, summary: String? = nil,
        isActive: Bool? = nil, metadata: JSONObject? = nil
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.title = title
        self.summary = summary
        self.isActive = isActive
        self.metadata = metadata
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        let sessionID: SessionID? = fields.identifier("session_id")
        userID = fields.identifier("user_id")
        title = fields.line("title", limit: Limits.titleBytes)
        summary = fields.text("summary", limit: Limits.summaryBytes)
        isActive = fields.boolean("is_active")
        metadata = fields.object("metadata", limit: Limits.metadataBytes)
        self.sessionID = try fields.required("session_id", sessionID)
        if title == nil, summary == nil, isActive == nil, metadata == nil {
            throw .invalid("title", "or summary, is_active or metadata is required")
        }
    }
}

extension CommandFields {
    /// A text that fits on one line of a list.
    fileprivate mutating func line(_ name: String, limit: Int) -> String? {
        guard let text = text(name, limit: limit) else { return nil }
        guard !text.unicodeScalars.contains(where: \.breaksALine) else {
            report(.invalid(name, "must be one line, without control characters"))
            return nil
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether the character ends a line or controls the terminal that shows it.
    fileprivate var breaksALine: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
