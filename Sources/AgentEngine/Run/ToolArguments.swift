import AgentProtocol

/// The arguments of a call as its event shows them: an object, or the text that the model wrote where it is none or is
/// longer than an event may carry.
struct ToolArguments {
    private let object: JSONObject?
    private let raw: String?

    init(_ call: ToolCall) {
        guard let arguments = call.arguments else {
            (object, raw) = (nil, call.rawArguments ?? "")
            return
        }
        var writer = JSONWriter()
        writer.value(.object(arguments))
        let isTooLong = writer.bytes.count > Limits.eventValueBytes
        object = isTooLong ? nil : arguments
        raw = isTooLong ? String(decoding: writer.bytes, as: UTF8.self) : nil
    }

    func write(to writer: inout JSONWriter) {
        writer.member("tool_arguments", object.map(JSONValue.object))
        guard let raw else { return }
        let clip = ClippedText(raw, limit: Limits.eventValueBytes)
        writer.member("tool_arguments_raw", clip.text)
        writer.member("clipped", clip.isClipped)
    }
}
