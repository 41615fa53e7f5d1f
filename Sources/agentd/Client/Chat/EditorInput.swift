import ArgumentParser
import Glibc

/// Questions from somebody at a terminal, with an editor for them.
///
/// Keys are taken also while an answer comes, so that Ctrl-C is heard; what is typed then is shown when its turn comes.
final class EditorInput: ChatInput {
    private static let prompt = "> "

    let isInteractive = true
    var descriptorDuringAnswers: Int32? { hasGone ? nil : STDIN_FILENO }

    private let output = Terminal.output
    private let terminal: RawTerminal
    private var decoder = KeyDecoder()
    private var editor = LineEditor()
    private var view = EditorView()
    private var isInviting = false
    /// Whether the terminal is no longer there: then it is always ready to say so.
    private var hasGone = false
    /// What came, and whether the line of it has been shown.
    private var events: [(event: ChatEvent, isShown: Bool)] = []

    /// An editor on standard input and output, which must be a terminal.
    init() throws(ClientFailure) {
        terminal = try RawTerminal(STDIN_FILENO)
    }

    func invite() {
        isInviting = true
        output.write(view.draw(layout(editor.before, editor.after)))
    }

    func withdraw() {
        isInviting = false
        output.write(view.erase(columns: output.size.columns))
    }

    func fill() throws(ClientFailure) {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { chunk, filled in
            count = read(STDIN_FILENO, chunk.baseAddress, chunk.count)
            filled = max(count, 0)
        }
        if count < 0, errno == EINTR { return }
        // A terminal that has gone says so by an error.
        guard count > 0 else {
            hasGone = true
            if events.last?.event != .end { events.append((.end, true)) }
            return
        }
        for key in decoder.take(bytes) { take(key) }
    }

    private func take(_ key: Key) {
        if key == .interrupt, !isInviting {
            // Where no line is shown there is none to clear: what is meant is the answer.
            editor.clear()
            return events.append((.interrupt, true))
        }
        switch editor.take(key) {
        case .edited: break
        case .submitted(let line):
            if isInviting {
                leave(line)
                isInviting = false
                events.append((.line(line), true))
            } else {
                events.append((.line(line), false))
            }
        case .interrupted: events.append((.interrupt, true))
        case .ended: events.append((.end, true))
        case .suspended: suspend()
        case .redraw: if isInviting { output.write("\u{1B}[H\u{1B}[2J" + view.erase(columns: output.size.columns)) }
        }
    }

    func next() -> ChatEvent? {
        guard let (event, isShown) = events.first else { return nil }
        events.removeFirst()
        if case .line(let line) = event, !isShown { leave(line) }
        isInviting = false
        return event
    }

    func takeInterrupt() -> Bool {
        let isThere = events.contains { $0.event == .interrupt }
        if isThere { events = [] }
        return isThere
    }

    func remember(_ question: String) { editor.remember(question) }

    func close() {
        output.write(view.leave(columns: output.size.columns))
        terminal.leave()
    }

    /// Stops the process as Ctrl-Z does elsewhere; the shell wakes it up again.
    private func suspend() {
        output.write(view.leave(columns: output.size.columns))
        terminal.leave()
        kill(getpid(), SIGTSTP)
        terminal.enter()
    }

    /// Shows a line that was sent, and goes below it.
    private func leave(_ line: String) {
        output.write(view.draw(layout(line)) + view.leave(columns: output.size.columns))
    }

    private func layout(_ before: String, _ after: String = "") -> EditorLayout {
        let size = output.size
        return EditorLayout(prompt: Self.prompt, before: before, after: after, columns: size.columns)
            .window(height: size.rows)
    }
}
