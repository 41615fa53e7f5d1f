import AgentProtocol

/// The blocks of a step that go back with its reasoning.
struct AnthropicKeep {
    /// The model that reasoned.
    let model: String
    /// Its blocks, in their order.
    private(set) var blocks: [JSONObject]

    /// Reads what was kept; nil when it is of another wire format, or damaged.
    init?(_ bytes: [UInt8]?) {
        guard let bytes, let object = try? JSONReader.read(bytes).object,
            object["kind"]?.string == ProviderProfile.Wire.anthropic.rawValue,
            let model = object["model"]?.string, let content = object["content"]?.array
        else { return nil }
        let blocks = content.compactMap(\.object)
        // Reasoning at the end of an answer is refused.
        guard blocks.count == content.count, let last = blocks.last?["type"]?.string,
            last == "text" || last == "tool_use"
        else { return nil }
        self.model = model
        self.blocks = blocks
    }

    /// Gives the calls the names that they have in the request; false when the blocks hold other calls than the answer.
    mutating func rename(to calls: [Conversation.Call]) -> Bool {
        var rest = calls[...]
        for place in blocks.indices where blocks[place]["type"]?.string == "tool_use" {
            guard let call = rest.popFirst(), blocks[place]["id"]?.string == call.id else { return false }
            blocks[place].set("id", .string(call.wireID))
            blocks[place].set("name", .string(call.wireName))
        }
        return rest.isEmpty
    }
}
