/// Writes replies: one line each, ending with a line feed.
public enum ReplyEncoder {
    /// The reply to a command that was accepted; `body` writes the members that are the command's own.
    public static func success(
        _ cmd: String, id: FrameID? = nil, warnings: [String] = [], body: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        line { writer in
            writer.member("ok", true)
            writer.member("cmd", cmd)
            write(id, to: &writer)
            body(&writer)
            write(warnings, to: &writer)
        }
    }

    /// The reply to a command that was refused; a line that was not readable has no `cmd` and no `id`.
    public static func failure(
        cmd: String?, id: FrameID? = nil, error: AgentError, warnings: [String] = []
    ) -> [UInt8] {
        line { writer in
            writer.member("ok", false)
            if let cmd { writer.member("cmd", cmd) }
            write(id, to: &writer)
            writer.key("error")
            error.write(to: &writer)
            write(warnings, to: &writer)
        }
    }

    private static func line(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    private static func write(_ id: FrameID?, to writer: inout JSONWriter) {
        guard let id else { return }
        writer.key("id")
        id.write(to: &writer)
    }

    private static func write(_ warnings: [String], to writer: inout JSONWriter) {
        guard !warnings.isEmpty else { return }
        writer.key("warnings")
        writer.beginArray()
        for warning in warnings { writer.string(warning) }
        writer.endArray()
    }
}
