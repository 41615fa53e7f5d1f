import AgentProtocol

/// One block of a message while its pieces come in.
struct AnthropicBlock {
    /// What kind of block it is; of other kinds nothing is kept.
    enum Kind { case text, thinking, redacted, tool, other }

    let index: Int64?
    let kind: Kind
    var isOpen = true
    /// The call of a tool block.
    var call = ToolCallDraft()
    /// Text or reasoning, or the sealed reasoning of a redacted block, escaped.
    var text: [UInt8] = []
    /// The seal of the reasoning, escaped.
    var signature: [UInt8] = []

    init(index: Int64?, kind: Kind) {
        self.index = index
        self.kind = kind
    }

    /// The kind that a block's type means.
    static func kind(of type: JSONCursor.Slice?) -> Kind {
        guard let type else { return .other }
        if type.equals("text") { return .text }
        if type.equals("tool_use") { return .tool }
        if type.equals("thinking") { return .thinking }
        return type.equals("redacted_thinking") ? .redacted : .other
    }

    /// Whether it is reasoning that the model must see again. Without a seal it would be refused.
    var isReasoning: Bool { kind == .redacted && !text.isEmpty || kind == .thinking && !signature.isEmpty }

    /// Whether there is anything in its text but blank space.
    private var hasWords: Bool {
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: " "): index += 1
            case UInt8(ascii: "\\") where "nrt".utf8.contains(text[index + 1]): index += 2
            default: return true
            }
        }
        return false
    }

    /// Writes the block as it goes back; `id` is the name of its call. Empty blocks would be refused and are left out.
    func write(to writer: inout JSONWriter, id: ToolCallID?) {
        switch kind {
        case .text:
            guard hasWords else { return }
            begin("text", &writer)
            writer.key("text")
            text.withUnsafeBytes { writer.escaped($0) }
        case .thinking:
            guard !signature.isEmpty else { return }
            begin("thinking", &writer)
            writer.key("thinking")
            text.withUnsafeBytes { writer.escaped($0) }
            writer.key("signature")
            signature.withUnsafeBytes { writer.escaped($0) }
        case .redacted:
            guard !text.isEmpty else { return }
            begin("redacted_thinking", &writer)
            writer.key("data")
            text.withUnsafeBytes { writer.escaped($0) }
        case .tool:
            begin("tool_use", &writer)
            writer.member("id", id)
            writer.member("name", call.name)
            writer.key("input")
            if call.isWholeObject { writer.raw(call.arguments) } else { writer.raw("{}".utf8) }
        case .other: return
        }
        writer.endObject()
    }

    private func begin(_ type: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", type)
    }
}
