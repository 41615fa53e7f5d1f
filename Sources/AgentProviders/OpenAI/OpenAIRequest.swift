import AgentEngine
import AgentProtocol

/// Writes a request for chat completions.
enum OpenAIRequest {
    /// What stands between a tool's result and the next question, where something must.
    private static let noAnswer = "[no answer]"

    /// The request's body.
    static func body(_ request: ModelRequest, profile: ProviderProfile) -> [UInt8] {
        let profile = profile.adjusted(for: request.model)
        let conversation = Conversation(request, profile: profile)
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("model", request.model)
        writer.key("messages")
        writer.beginArray()
        write(conversation, profile, &writer)
        writer.endArray()
        writer.member("stream", true)
        if profile.asksForUsage {
            writer.key("stream_options")
            writer.beginObject()
            writer.member("include_usage", true)
            writer.endObject()
        }
        if let bound = profile.maxTokens {
            writer.key(profile.maxTokensField.rawValue)
            writer.integer(bound)
        }
        profile.writeExtras(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(
        _ conversation: Conversation, _ profile: ProviderProfile, _ writer: inout JSONWriter
    ) {
        var preface = conversation.instructions
        if profile.instructionsRole != .user, let instructions = preface {
            message(profile.instructionsRole.rawValue, instructions, &writer)
            preface = nil
        }
        var followsTool = false
        for turn in conversation.turns {
            switch turn {
            case .question(let text):
                if followsTool, profile.wantsAnswerAfterTool { message("assistant", noAnswer, &writer) }
                message("user", preface.map { $0 + "\n\n" + text } ?? text, &writer)
                preface = nil
                followsTool = false
            case .answer(let answer):
                write(answer, profile, &writer)
                for call in answer.calls {
                    writer.beginObject()
                    writer.member("role", "tool")
                    writer.member("tool_call_id", call.wireID)
                    writer.member("content", call.result)
                    writer.endObject()
                }
                followsTool = !answer.calls.isEmpty
            }
        }
    }

    private static func message(_ role: String, _ content: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", role)
        writer.member("content", content)
        writer.endObject()
    }

    private static func write(
        _ answer: Conversation.Answer, _ profile: ProviderProfile, _ writer: inout JSONWriter
    ) {
        let kept = OpenAIKeep(answer.kept)
        writer.beginObject()
        writer.member("role", "assistant")
        writer.member("content", answer.text.isEmpty ? nil : answer.text)
        switch profile.reasoningField {
        case .none: break
        case .reasoningDetails: if let details = kept?.details { writer.member("reasoning_details", details) }
        case .reasoningContent, .reasoning:
            // Asked for where tools were called, even if there was none, and refused elsewhere.
            if !answer.calls.isEmpty {
                writer.key(profile.reasoningField.rawValue)
                writer.string(kept?.reasoning ?? "")
            }
        }
        if !answer.calls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for call in answer.calls { write(call, profile.returnsCallExtras ? kept?.extras[call.id] : nil, &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func write(_ call: Conversation.Call, _ extra: JSONValue?, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", call.wireID)
        writer.member("type", "function")
        writer.key("function")
        writer.beginObject()
        writer.member("name", call.wireName)
        var arguments = JSONWriter()
        arguments.value(.object(call.arguments))
        writer.member("arguments", String(decoding: arguments.bytes, as: UTF8.self))
        writer.endObject()
        if let extra { writer.member("extra_content", extra) }
        writer.endObject()
    }
}
