/// One entry of a conversation, as the ledger keeps it, `history` shows it and the model is told it.
///
/// A step of the model is one `assistant` message (its text, possibly empty) and then one `tool` message for each call
/// it made, holding the call and its result.
public struct Message: Equatable, Sendable {
    /// The message's own name.
    public var messageID: MessageID
    /// The run that the message belongs to.
    public var runID: RunID
    /// Counts the model requests of the run from 1; the user's message has 0.
    public var step: Int64
    /// Order inside the session.
    public var position: Int64
    /// Who wrote it.
    public var role: Role
    /// The text: what was asked, what was answered, or a tool's result as the model saw it.
    public var content: String
    /// The call that a `tool` message holds.
    public var toolCallID: ToolCallID?
    /// The tool that was called.
    public var toolName: String?
    /// The arguments of the call.
    public var toolArguments: JSONValue?
    /// When it began.
    public var createdAt: Timestamp
    /// When it was whole; nil while it is still being written.
    public var completedAt: Timestamp?
    /// Whether a stop or a disconnect cut it off.
    public var interrupted: Bool
    /// What went wrong, if something did.
    public var error: ErrorRecord?
    /// What must go back to the provider byte for byte, in the provider's own words; never shown.
    public var providerData: [UInt8]?

    /// A message with everything said.
    public init(
        messageID: MessageID, runID: RunID, step: Int64, position: Int64, role: Role, content: String,
        toolCallID: ToolCallID? = nil, toolName: String? = nil, toolArguments: JSONValue? = nil,
        createdAt: Timestamp, completedAt: Timestamp?, interrupted: Bool = false, error: ErrorRecord? = nil,
        providerData: [UInt8]? = nil
    ) {
        self.messageID = messageID
        self.runID = runID
        self.step = step
        self.position = position
        self.role = role
        self.content = content
        self.toolCallID = toolCallID
        self.toolName = toolName
        self.toolArguments = toolArguments
        self.createdAt = createdAt
        self.completedAt = completedAt
        self.interrupted = interrupted
        self.error = error
        self.providerData = providerData
    }

    /// Writes the record; a content over `Limits.clipBytes` is cut at a character boundary and marked. With an offset
    /// the content is the piece that begins there.
    public func write(to writer: inout JSONWriter, from offset: Int = 0) {
        let clip = ClippedText(content, from: offset)
        writer.beginObject()
        writer.member("message_id", messageID)
        writer.member("run_id", runID)
        writer.member("step", step)
        writer.member("role", role.rawValue)
        writer.member("content", clip.text)
        writer.member("parts", JSONValue?.none)
        writer.member("tool_call_id", toolCallID)
        writer.member("tool_name", toolName)
        let isCut = ShownArguments(toolArguments?.object, raw: nil).write(to: &writer)
        writer.member("created_at", createdAt)
        writer.member("completed_at", completedAt)
        writer.member("interrupted", interrupted)
        writer.key("error")
        if let error { error.write(to: &writer) } else { writer.null() }
        writer.member("clipped", clip.isClipped || isCut)
        writer.member("bytes", Int64(clip.bytes))
        writer.endObject()
    }
}
