/// The arguments of a call as events and records show them: an object, or the text that the model wrote where it is none
/// or is longer than a frame may carry.
public struct ShownArguments: Sendable {
    /// Bytes of the whole, as JSON or as the model wrote it.
    public let bytes: Int
    private let object: JSONObject?
    private let raw: String?

    /// Arguments by what was understood of them, and the model's own text where nothing was.
    public init(_ arguments: JSONObject?, raw: String?) {
        guard let arguments else {
            (object, self.raw, bytes) = (nil, raw, raw?.utf8.count ?? 0)
            return
        }
        var writer = JSONWriter()
        writer.value(.object(arguments))
        bytes = writer.bytes.count
        let isTooLong = bytes > Limits.eventValueBytes
        object = isTooLong ? nil : arguments
        self.raw = isTooLong ? String(decoding: writer.bytes, as: UTF8.self) : nil
    }

    /// Writes the members `tool_arguments` and, where there is no object to show, `tool_arguments_raw`.
    ///
    /// - Returns: whether something was cut off.
    public func write(to writer: inout JSONWriter) -> Bool {
        writer.member("tool_arguments", object.map(JSONValue.object))
        guard let raw else { return false }
        let clip = ClippedText(raw, limit: Limits.eventValueBytes)
        writer.member("tool_arguments_raw", clip.text)
        return clip.isClipped
    }
}
