import AgentProtocol

/// What one event of a message stream holds, found but not yet acted on: an event that turns out to be broken has
/// changed nothing but the usage.
struct AnthropicEvent {
    /// A block's beginning, or the next piece of it.
    struct Part {
        var type: JSONCursor.Slice?
        var id: JSONCursor.Slice?
        var name: JSONCursor.Slice?
        var input: UnsafeRawBufferPointer?
        var text: JSONCursor.Slice?
        var partialJSON: JSONCursor.Slice?
        var thinking: JSONCursor.Slice?
        var signature: JSONCursor.Slice?
        var data: JSONCursor.Slice?
        var stopReason: JSONCursor.Slice?

        init(_ cursor: inout JSONCursor) throws(JSONError) {
            let isObject = try cursor.enterObject()
            while isObject, try cursor.nextMember() {
                if cursor.isKey("type") {
                    type = try cursor.string()
                } else if cursor.isKey("text") {
                    text = try cursor.string()
                } else if cursor.isKey("partial_json") {
                    partialJSON = try cursor.string()
                } else if cursor.isKey("thinking") {
                    thinking = try cursor.string()
                } else if cursor.isKey("signature") {
                    signature = try cursor.string()
                } else if cursor.isKey("stop_reason") {
                    stopReason = try cursor.string().flatMap { $0.isEmpty ? nil : $0 }
                } else if cursor.isKey("id") {
                    id = try cursor.string()
                } else if cursor.isKey("name") {
                    name = try cursor.string()
                } else if cursor.isKey("input") {
                    if cursor.kind == .object { input = try cursor.raw() }
                } else if cursor.isKey("data") {
                    data = try cursor.string()
                }
            }
        }
    }

    var type: JSONCursor.Slice?
    var index: Int64?
    var part: Part?
    var isError = false

    /// Reads an event; usage is read over what is known.
    init(_ data: UnsafeRawBufferPointer, usage: inout AnthropicUsage) throws(JSONError) {
        var cursor = JSONCursor(data)
        let isObject = try cursor.enterObject()
        while isObject, try cursor.nextMember() {
            if cursor.isKey("type") {
                type = try cursor.string()
            } else if cursor.isKey("index") {
                index = try cursor.integer()
            } else if cursor.isKey("delta") || cursor.isKey("content_block") {
                part = try Part(&cursor)
            } else if cursor.isKey("usage") {
                try usage.update(&cursor)
            } else if cursor.isKey("message") {
                guard try cursor.enterObject() else { continue }
                while try cursor.nextMember() { if cursor.isKey("usage") { try usage.update(&cursor) } }
            } else if cursor.isKey("error") {
                isError = cursor.kind == .object || cursor.kind == .string
            }
        }
        try cursor.finish()
    }

    /// Whether the event is of this type; gateways may leave the type to the event's name.
    func isType(_ word: StaticString, _ event: SSEEvent) -> Bool { type?.equals(word) ?? event.isNamed(word) }
}
