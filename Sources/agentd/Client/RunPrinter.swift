import AgentProtocol

/// Shows a run to a person: the answer on standard output, everything about it on standard error.
struct RunPrinter {
    private let output = Terminal.output
    private let errors = Terminal.errors
    private var answer = AnswerText()
    /// The stream on which the last line shown has not ended.
    private var open: Open = .none
    /// Whether a remark stands where the answer goes on.
    private var isInterrupted = false

    /// Where a line is open.
    private enum Open { case none, answer, reasoning }

    /// Shows an event.
    mutating func show(_ frame: ClientFrame) {
        if frame.kind?.isTerminal == true, open == .answer {
            output.write("\n")
            open = .none
        }
        switch frame.kind {
        case .runContent: showAnswer(frame)
        case .reasoningContent: showReasoning(frame)
        case .runQueued: note("queued at position \(frame["position"]?.int64 ?? 0)")
        case .toolCallStarted: note("tool \(frame.string("tool_name") ?? "") started")
        case .toolCallCompleted:
            note("tool \(frame.string("tool_name") ?? "") \(frame.string("status") ?? "")")
        case .runRetrying:
            if let id = frame.string("discards") { answer.discard(id) }
            note("trying again: \(frame.errorText)")
        case .runPaused: note("paused: the run waits for an answer")
        case .runCancelled: note("interrupted: \(frame.string("reason") ?? "")")
        case .runError: note("failed: \(frame.errorText)")
        case .runCompleted: closeLine()
        case .runStarted, .runContinued, .memberEvent, nil: break
        }
    }

    /// Shows a remark of ours on a line of its own.
    mutating func note(_ text: String) {
        closeLine()
        errors.note(text)
    }

    private mutating func showAnswer(_ frame: ClientFrame) {
        var text = answer.add(frame)
        guard !text.isEmpty else { return }
        if isInterrupted, text.hasPrefix("\n") { text = "\n" + text.drop { $0 == "\n" } }
        isInterrupted = false
        if open == .reasoning { closeLine() }
        output.show(text)
        open = text.hasSuffix("\n") ? .none : .answer
    }

    private mutating func showReasoning(_ frame: ClientFrame) {
        guard let text = frame.string("content"), !text.isEmpty else { return }
        if open == .answer { closeLine() }
        if errors.hasColours { errors.write("\u{1B}[2m") }
        errors.show(text)
        if errors.hasColours { errors.write("\u{1B}[0m") }
        open = text.hasSuffix("\n") ? .none : .reasoning
    }

    /// Ends the line that is open. In the middle of an answer that goes into a file or a pipe nothing is added to it.
    private mutating func closeLine() {
        switch open {
        case .none: return
        case .reasoning: errors.write("\n")
        case .answer:
            if output.isTerminal {
                output.write("\n")
                isInterrupted = true
            }
        }
        open = .none
    }
}
