/// The client's own name for a command, echoed in the reply and in every event that the command's stream delivers.
public enum FrameID: Sendable, Equatable {
    /// A text of at most `Limits.idBytes` bytes.
    case string(String)
    /// An integer below 2^53.
    case integer(Int64)

    /// Takes what stands under `id`; nil when it is neither a short text nor an integer below 2^53.
    init?(_ value: JSONValue) {
        if let text = value.string, text.utf8.count <= Limits.idBytes {
            self = .string(text)
        } else if let integer = value.int64 {
            self = .integer(integer)
        } else {
            return nil
        }
    }

    /// Writes the value as the client wrote it.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let text): writer.string(text)
        case .integer(let integer): writer.integer(integer)
        }
    }
}
