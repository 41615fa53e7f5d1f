import AgentProtocol

/// Shows the messages of a conversation: who and when on a line, the text below it, a blank line between two.
struct MessagePrinter {
    private let output = Terminal.output
    private var isBegun = false

    /// Shows one message.
    mutating func show(_ message: JSONObject) {
        if isBegun { output.write("\n") }
        isBegun = true
        output.write(output.styled(Terminal.oneLine(Self.heading(message)), "1") + "\n")
        let text = message["content"]?.string ?? ""
        output.show(text)
        if !text.isEmpty, !text.hasSuffix("\n") { output.write("\n") }
    }

    /// Who said it, when, and what became of it.
    private static func heading(_ message: JSONObject) -> String {
        var words = [message["role"]?.string ?? ""]
        if let tool = message["tool_name"]?.string { words.append(tool) }
        words.append(ShownTime.text(message["created_at"]?.int64))
        if message["completed_at"]?.int64 == nil { words.append("(still being written)") }
        if message["interrupted"]?.bool == true { words.append("(interrupted)") }
        if let code = message["error"]?.object?["code"]?.string { words.append("(failed: \(code))") }
        if message["clipped"]?.bool == true { words.append("(the beginning of \(message["bytes"]?.int64 ?? 0) bytes)") }
        return words.joined(separator: "  ")
    }
}
