import AgentProtocol

/// What of a chat completion goes back with its step: reasoning where a model must see it again, and what stood beside
/// its calls. Marked with its wire format, so that another provider leaves it alone.
struct OpenAIKeep {
    /// Reasoning as a text.
    private(set) var reasoning: String?
    /// Reasoning as a list.
    private(set) var details: JSONValue?
    /// What stands beside each call, by the call's name.
    private(set) var extras: [String: JSONValue] = [:]

    /// The bytes to keep; nil when there is nothing.
    static func bytes(
        field: ProviderProfile.ReasoningField, reasoning: [UInt8], details: JSONValue?,
        extras: [(id: ToolCallID, extra: [UInt8])]
    ) -> [UInt8]? {
        let hasText = (field == .reasoningContent || field == .reasoning) && !reasoning.isEmpty
        let hasDetails = field == .reasoningDetails && details != nil
        guard hasText || hasDetails || !extras.isEmpty else { return nil }
        var writer = JSONWriter(capacity: 64 + reasoning.count)
        writer.beginObject()
        writer.member("kind", ProviderProfile.Wire.openai.rawValue)
        if hasText {
            writer.key("reasoning")
            reasoning.withUnsafeBytes { writer.escaped($0) }
        }
        if hasDetails { writer.member("reasoning_details", details) }
        if !extras.isEmpty {
            writer.key("calls")
            writer.beginArray()
            for (id, extra) in extras {
                writer.beginObject()
                writer.member("id", id)
                writer.key("extra_content")
                writer.raw(extra)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    /// Reads what was kept; nil when it is of another wire format, or damaged.
    init?(_ bytes: [UInt8]?) {
        guard let bytes, let object = try? JSONReader.read(bytes).object,
            object["kind"]?.string == ProviderProfile.Wire.openai.rawValue
        else { return nil }
        reasoning = object["reasoning"]?.string
        details = object["reasoning_details"]
        for call in object["calls"]?.array ?? [] {
            if let id = call.object?["id"]?.string { extras[id] = call.object?["extra_content"] }
        }
    }
}
