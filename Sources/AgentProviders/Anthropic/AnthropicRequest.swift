import AgentEngine
import AgentProtocol

/// Writes a request for messages.
enum AnthropicRequest {
    /// Sent where a bound is demanded and none is set.
    private static let fallbackMaxTokens: Int64 = 4096

    /// The request's body.
    static func body(_ request: ModelRequest, profile: ProviderProfile) -> [UInt8] {
        let profile = profile.adjusted(for: request.model)
        let conversation = Conversation(request, profile: profile)
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("model", request.model)
        if let bound = profile.maxTokens ?? (profile.requiresMaxTokens ? fallbackMaxTokens : nil) {
            writer.member("max_tokens", bound)
        }
        if let instructions = conversation.instructions { writer.member("system", instructions) }
        writer.key("messages")
        writer.beginArray()
        write(conversation, model: request.model, &writer)
        writer.endArray()
        if profile.declaresPastTools { declareTools(of: conversation, &writer) }
        writer.member("stream", true)
        profile.writeExtras(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Results are the user's to say: they open the user's turn, and the next question follows in the same.
    private static func write(_ conversation: Conversation, model: String, _ writer: inout JSONWriter) {
        var userIsOpen = false
        for turn in conversation.turns {
            switch turn {
            case .question(let text):
                if !userIsOpen { begin("user", &writer) }
                self.text(text, &writer)
                end(&writer)
                userIsOpen = false
            case .answer(let answer):
                if userIsOpen { end(&writer) }
                begin("assistant", &writer)
                write(answer, model: model, &writer)
                end(&writer)
                userIsOpen = !answer.calls.isEmpty
                if userIsOpen { begin("user", &writer) }
                for call in answer.calls { writeResult(of: call, &writer) }
            }
        }
        if userIsOpen { end(&writer) }
    }

    private static func begin(_ role: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", role)
        writer.key("content")
        writer.beginArray()
    }

    private static func end(_ writer: inout JSONWriter) {
        writer.endArray()
        writer.endObject()
    }

    private static func text(_ text: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "text")
        writer.member("text", text)
        writer.endObject()
    }

    private static func write(_ answer: Conversation.Answer, model: String, _ writer: inout JSONWriter) {
        if var kept = AnthropicKeep(answer.kept), kept.model == model, kept.rename(to: answer.calls) {
            for block in kept.blocks { writer.value(.object(block)) }
            return
        }
        if !answer.text.isEmpty { text(answer.text, &writer) }
        for call in answer.calls {
            writer.beginObject()
            writer.member("type", "tool_use")
            writer.member("id", call.wireID)
            writer.member("name", call.wireName)
            writer.member("input", .object(call.arguments))
            writer.endObject()
        }
    }

    private static func writeResult(of call: Conversation.Call, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "tool_result")
        writer.member("tool_use_id", call.wireID)
        writer.member("content", call.result)
        if call.isError { writer.member("is_error", true) }
        writer.endObject()
    }

    /// A conversation that speaks of tools is refused without any tool: they are named, and none may be called.
    private static func declareTools(of conversation: Conversation, _ writer: inout JSONWriter) {
        var names: [String] = []
        for case .answer(let answer) in conversation.turns {
            for call in answer.calls where !names.contains(call.wireName) { names.append(call.wireName) }
        }
        guard !names.isEmpty else { return }
        writer.key("tools")
        writer.beginArray()
        for name in names {
            writer.beginObject()
            writer.member("name", name)
            writer.member("description", "Was available earlier in this conversation; may not be called now.")
            writer.member("input_schema", .object(["type": .string("object")]))
            writer.endObject()
        }
        writer.endArray()
        writer.key("tool_choice")
        writer.value(.object(["type": .string("none")]))
    }
}
