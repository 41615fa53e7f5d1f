import AgentProtocol

/// What one chunk of a chat completion holds, found but not yet acted on: a chunk that turns out to be broken has
/// changed nothing.
struct OpenAIChunk {
    /// The part of the one choice that is listened to.
    struct Choice {
        var content: JSONCursor.Slice?
        /// Content as a list of parts.
        var parts: UnsafeRawBufferPointer?
        var refusal: JSONCursor.Slice?
        var reasoningContent: JSONCursor.Slice?
        var reasoning: JSONCursor.Slice?
        var reasoningDetails: UnsafeRawBufferPointer?
        var toolCalls: UnsafeRawBufferPointer?
        /// A call in the form that came before tool calls.
        var functionCall: UnsafeRawBufferPointer?
        var finishReason: JSONCursor.Slice?

        /// The content, when there is nothing beside it.
        var onlyContent: JSONCursor.Slice? {
            guard parts == nil, refusal == nil, reasoningContent == nil, reasoning == nil, reasoningDetails == nil,
                toolCalls == nil, functionCall == nil, finishReason == nil
            else { return nil }
            return content
        }
    }

    var choice: Choice?
    var usage: Usage?
    /// Whether the chunk says that the answer failed.
    var isError = false

    /// The text, when the chunk holds nothing else.
    var onlyContent: JSONCursor.Slice? { usage == nil && !isError ? choice?.onlyContent : nil }

    /// Reads a chunk. Whatever may be null, empty or missing is taken as such.
    init(_ data: UnsafeRawBufferPointer) throws(JSONError) {
        var cursor = JSONCursor(data)
        let isObject = try cursor.enterObject()
        while isObject, try cursor.nextMember() {
            if cursor.isKey("choices") {
                guard try cursor.enterArray() else { continue }
                while try cursor.nextElement() { try readChoice(&cursor) }
            } else if cursor.isKey("usage") {
                usage = try OpenAIUsage.read(&cursor) ?? usage
            } else if cursor.isKey("error") {
                isError = isError || cursor.kind == .object || cursor.kind == .string
            } else if cursor.isKey("object") || cursor.isKey("type") {
                if let word = try cursor.string(), word.equals("error") { isError = true }
            } else if cursor.isKey("x_groq") {
                guard try cursor.enterObject() else { continue }
                while try cursor.nextMember() {
                    if cursor.isKey("usage") { usage = try OpenAIUsage.read(&cursor) ?? usage }
                    if cursor.isKey("error") { isError = isError || cursor.kind == .string || cursor.kind == .object }
                }
            }
        }
        try cursor.finish()
    }

    private mutating func readChoice(_ cursor: inout JSONCursor) throws(JSONError) {
        guard try cursor.enterObject() else { return }
        var read = Choice()
        var index: Int64?
        while try cursor.nextMember() {
            if cursor.isKey("delta") || cursor.isKey("message") {
                try Self.readDelta(&cursor, into: &read)
            } else if cursor.isKey("finish_reason") {
                read.finishReason = try cursor.string().flatMap { $0.isEmpty ? nil : $0 }
            } else if cursor.isKey("index") {
                index = try cursor.integer()
            } else if cursor.isKey("usage") {
                usage = try OpenAIUsage.read(&cursor) ?? usage
            } else if cursor.isKey("error") {
                isError = isError || cursor.kind == .object || cursor.kind == .string
            }
        }
        // One answer was asked for; others would be mixed into it.
        if index ?? 0 == 0 { choice = read }
    }

    private static func readDelta(_ cursor: inout JSONCursor, into choice: inout Choice) throws(JSONError) {
        guard try cursor.enterObject() else { return }
        while try cursor.nextMember() {
            if cursor.isKey("content") {
                choice.content = try cursor.string()
                if choice.content == nil, cursor.kind == .array { choice.parts = try cursor.raw() }
            } else if cursor.isKey("tool_calls") {
                if cursor.kind == .array { choice.toolCalls = try cursor.raw() }
            } else if cursor.isKey("reasoning_content") {
                choice.reasoningContent = try cursor.string()
            } else if cursor.isKey("reasoning") {
                choice.reasoning = try cursor.string()
            } else if cursor.isKey("reasoning_details") {
                if cursor.kind == .array { choice.reasoningDetails = try cursor.raw() }
            } else if cursor.isKey("refusal") {
                choice.refusal = try cursor.string()
            } else if cursor.isKey("function_call") {
                if cursor.kind == .object { choice.functionCall = try cursor.raw() }
            }
        }
    }
}
