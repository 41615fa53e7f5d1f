import AgentProtocol

/// The two wire formats of providers, as a server writes them: events that are well-formed and bodies that are errors.
public enum WireFormat: String, CaseIterable, Sendable {
    /// Chat completions.
    case openai
    /// Messages.
    case anthropic

    /// One event; chat completions have no names for theirs.
    public func event(_ name: String, _ json: String) -> [UInt8] { event(name, Array(json.utf8)) }

    /// One event whose data need not be text.
    public func event(_ name: String, _ json: [UInt8]) -> [UInt8] {
        switch self {
        case .openai: Array("data: ".utf8) + json + Array("\n\n".utf8)
        case .anthropic: Array("event: \(name)\ndata: ".utf8) + json + Array("\n\n".utf8)
        }
    }

    private func chunk(_ delta: [UInt8]) -> [UInt8] {
        event(
            "",
            Array(#"{"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":"#.utf8) + delta
                + Array(#","finish_reason":null}]}"#.utf8))
    }

    private func delta(_ block: Int, _ type: String, _ key: String, _ content: [UInt8]) -> [UInt8] {
        event(
            "content_block_delta",
            Array(#"{"type":"content_block_delta","index":\#(block),"delta":{"type":"\#(type)","\#(key)":""#.utf8)
                + content + Array(#""}}"#.utf8))
    }

    static func escaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONEscaping.append(text, to: &bytes)
        return bytes
    }

    /// The first event of an answer.
    public var beginning: [UInt8] {
        switch self {
        case .openai: chunk(Array(#"{"role":"assistant","content":null}"#.utf8))
        case .anthropic:
            event(
                "message_start",
                #"{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","content":[],"#
                    + #""stop_reason":null,"usage":{"input_tokens":7,"output_tokens":1}}}"#)
        }
    }

    /// Begins a block of text; nothing for chat completions.
    public func textBlock(_ block: Int) -> [UInt8] {
        self == .openai
            ? []
            : event(
                "content_block_start",
                #"{"type":"content_block_start","index":\#(block),"content_block":{"type":"text","text":""}}"#)
    }

    /// A piece of text.
    public func text(_ piece: String, block: Int = 0) -> [UInt8] { text(escaped: Self.escaped(piece), block: block) }

    /// A piece of text as it stands in a JSON string.
    public func text(escaped content: [UInt8], block: Int = 0) -> [UInt8] {
        switch self {
        case .openai: chunk(Array(#"{"content":""#.utf8) + content + Array(#""}"#.utf8))
        case .anthropic: delta(block, "text_delta", "text", content)
        }
    }

    /// Begins a call; a nil name for the call leaves its member out.
    public func callBlock(_ block: Int, id: String?, tool: String) -> [UInt8] {
        let member = id.map { #""id":"\#($0)","# } ?? ""
        return switch self {
        case .openai:
            chunk(
                Array(
                    (#"{"tool_calls":[{"index":\#(block),\#(member)"type":"function","#
                        + #""function":{"name":"\#(tool)","arguments":""}}]}"#).utf8))
        case .anthropic:
            event(
                "content_block_start",
                #"{"type":"content_block_start","index":\#(block),"content_block":{"type":"tool_use",\#(member)"#
                    + #""name":"\#(tool)","input":{}}}"#)
        }
    }

    /// A piece of a call's arguments.
    public func arguments(_ piece: String, block: Int) -> [UInt8] {
        arguments(escaped: Self.escaped(piece), block: block)
    }

    /// A piece of a call's arguments as it stands in a JSON string.
    public func arguments(escaped content: [UInt8], block: Int) -> [UInt8] {
        switch self {
        case .openai:
            chunk(
                Array(#"{"tool_calls":[{"index":\#(block),"function":{"arguments":""#.utf8) + content
                    + Array(#""}}]}"#.utf8))
        case .anthropic: delta(block, "input_json_delta", "partial_json", content)
        }
    }

    /// Ends a block; nothing for chat completions.
    public func blockEnd(_ block: Int) -> [UInt8] {
        self == .openai
            ? [] : event("content_block_stop", #"{"type":"content_block_stop","index":\#(block)}"#)
    }

    /// The reason for the end, with what was used.
    public func reason(isCalling: Bool) -> [UInt8] {
        switch self {
        case .openai:
            event(
                "",
                #"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(isCalling ? "tool_calls" : "stop")"}]}"#)
                + event("", #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}"#)
        case .anthropic:
            event(
                "message_delta",
                #"{"type":"message_delta","delta":{"stop_reason":"\#(isCalling ? "tool_use" : "end_turn")"},"#
                    + #""usage":{"output_tokens":5}}"#)
        }
    }

    /// The end marker.
    public var endMarker: [UInt8] {
        switch self {
        case .openai: Array("data: [DONE]\n\n".utf8)
        case .anthropic: event("message_stop", #"{"type":"message_stop"}"#)
        }
    }

    /// An error, as the body of an answer.
    public func errorBody(_ type: String, _ message: String) -> String {
        switch self {
        case .openai: #"{"error":{"message":"\#(message)","type":"\#(type)","code":"\#(type)"}}"#
        case .anthropic: #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"}}"#
        }
    }

    /// An error inside a stream.
    public func error(_ type: String, _ message: String) -> [UInt8] { event("error", errorBody(type, message)) }

    /// What keeps a connection alive and says nothing.
    public var ping: [UInt8] {
        self == .openai ? Array(": ping\n\n".utf8) : event("ping", #"{"type": "ping"}"#)
    }

    /// Whether the body of a request ends with the results of calls.
    public func isFollowUp(_ body: [UInt8]) -> Bool {
        guard let messages = (try? JSONReader.read(body))?.object?["messages"]?.array else { return false }
        let last = messages.last?.object
        switch self {
        case .openai: return last?["role"]?.string == "tool"
        case .anthropic: return last?["content"]?.array?.first?.object?["type"]?.string == "tool_result"
        }
    }
}
