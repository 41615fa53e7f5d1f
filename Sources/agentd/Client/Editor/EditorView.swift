/// Draws a question that is being typed, again and again in the same place.
struct EditorView {
    /// The row of the cursor below the first row drawn; nil when nothing is drawn.
    private var cursorRow: Int?
    private var rowsBelow = 0

    /// Whether something is drawn.
    var isShown: Bool { cursorRow != nil }

    /// What to write so that a layout stands where the last one stood.
    mutating func draw(_ layout: EditorLayout) -> String {
        var text = erase()
        text += layout.rows.joined(separator: "\r\n")
        rowsBelow = layout.rows.count - 1 - layout.cursorRow
        cursorRow = layout.cursorRow
        text += Self.move(rowsBelow, "A") + "\r" + Self.move(layout.cursorColumn, "C")
        return text
    }

    /// What to write so that nothing is left of it, and the cursor is where it began.
    mutating func erase() -> String {
        guard let row = cursorRow else { return "" }
        cursorRow = nil
        return Self.move(row, "A") + "\r\u{1B}[J"
    }

    /// What to write so that it stays, and the cursor is below it.
    mutating func leave() -> String {
        guard isShown else { return "" }
        cursorRow = nil
        return Self.move(rowsBelow, "B") + "\r\n"
    }

    private static func move(_ count: Int, _ direction: String) -> String {
        count > 0 ? "\u{1B}[\(count)\(direction)" : ""
    }
}
