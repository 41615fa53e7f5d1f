/// Draws a question that is being typed, again and again in the same place.
struct EditorView {
    /// What is drawn; nil when nothing is.
    private var shown: EditorLayout?

    /// Whether something is drawn.
    var isShown: Bool { shown != nil }

    /// What to write so that a layout stands where the last one stood.
    mutating func draw(_ layout: EditorLayout) -> String {
        let text = erase(columns: layout.columns) + layout.rows.joined(separator: "\r\n")
        shown = layout
        return text + Self.move(layout.rows.count - 1 - layout.cursorRow, "A") + "\r"
            + Self.move(layout.cursorColumn, "C")
    }

    /// What to write so that nothing is left of it, and the cursor is where it began.
    mutating func erase(columns: Int) -> String {
        guard let layout = shown else { return "" }
        shown = nil
        return Self.move(layout.rows(inTerminalOf: columns).above, "A") + "\r\u{1B}[J"
    }

    /// What to write so that it stays, and the cursor is below it.
    mutating func leave(columns: Int) -> String {
        guard let layout = shown else { return "" }
        shown = nil
        return Self.move(layout.rows(inTerminalOf: columns).below, "B") + "\r\n"
    }

    private static func move(_ count: Int, _ direction: String) -> String {
        count > 0 ? "\u{1B}[\(count)\(direction)" : ""
    }
}
