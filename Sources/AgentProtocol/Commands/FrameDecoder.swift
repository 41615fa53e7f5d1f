/// Turns one line from a client into a command, or into the reason why it is none.
public enum FrameDecoder {
    /// Decodes a line without its line feed; a carriage return before it and white space around the object are
    /// tolerated.
    public static func decode(_ line: UnsafeRawBufferPointer) -> DecodedLine {
        guard line.contains(where: { !isSpace($0) }) else { return .blank }
        do throws(JSONError) {
            let value = try JSONReader.read(line)
            guard let object = value.object else {
                return rejectedLine("a line holds one JSON object, not \(value.kind)")
            }
            return decode(object)
        } catch {
            return rejectedLine("not valid JSON at byte \(error.offset): \(error.reason)")
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    private static func rejectedLine(_ message: String) -> DecodedLine {
        .rejected(RejectedFrame(error: AgentError(.badJSON, message)))
    }

    /// Every field is read before the first error is thrown, so that a misspelt name is told even then.
    private static func decode(_ object: JSONObject) -> DecodedLine {
        var fields = CommandFields(object)
        let name = fields.text("cmd", required: true)
        let id = fields.frameID("id")
        let close = fields.boolean("close") ?? false
        do throws(AgentError) {
            let name = try fields.required("cmd", name)
            guard let command = try Command.decode(name, &fields) else { throw refusal(of: name, fields) }
            try fields.check()
            return .command(CommandFrame(id: id, close: close, warnings: fields.warnings, command: command))
        } catch {
            let isKnown = name.map(Command.names.contains) ?? false
            return .rejected(
                RejectedFrame(
                    cmd: name.map { ClippedText($0, limit: Limits.idBytes).text }, id: id, close: close, error: error,
                    warnings: isKnown ? fields.warnings : []))
        }
    }

    /// Why a command that is not built is refused.
    private static func refusal(of name: String, _ fields: CommandFields) -> AgentError {
        if let problem = fields.problem { return problem }
        if Command.unsupportedNames.contains(name) {
            return AgentError(
                .unsupportedFeature, "the command \(name) is not supported by this daemon",
                fields: ["field": .string("cmd")])
        }
        let hint = Nearest.name(to: name, among: Command.names + Command.unsupportedNames)
        let shown = ClippedText(name, limit: Limits.idBytes).text
        return AgentError(
            .unknownCommand, "unknown command \(shown)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
}
