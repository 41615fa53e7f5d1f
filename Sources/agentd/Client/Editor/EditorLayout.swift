/// Where the characters of a question stand on a terminal: rows of cells, none wider than the terminal.
struct EditorLayout: Equatable {
    /// A tab in a question is shown as so many blanks.
    private static let tab = "    "

    /// The rows, the prompt on the first.
    private(set) var rows: [String] = [""]
    /// The row of the cursor, from 0.
    private(set) var cursorRow = 0
    /// The cells before the cursor on its row.
    private(set) var cursorColumn = 0

    /// The width of the terminal.
    let columns: Int
    private var width = 0

    /// Lays out a prompt and a question with the cursor between its halves.
    init(prompt: String, before: String, after: String, columns: Int) {
        self.columns = max(columns, 2)
        add(prompt)
        let indent = width
        add(before, indent)
        // A cursor behind the last cell of a row would stand on nothing.
        if width >= self.columns { breakRow() }
        (cursorRow, cursorColumn) = (rows.count - 1, width)
        add(after, indent)
    }

    /// So many rows around the cursor, for a terminal that is lower than the question is long.
    func window(height: Int) -> EditorLayout {
        guard rows.count > height, height > 0 else { return self }
        let first = min(max(0, cursorRow - height + 1), rows.count - height)
        var part = self
        part.rows = Array(rows[first..<first + height])
        part.cursorRow = cursorRow - first
        return part
    }

    /// How many rows the cursor is below the first one, and the last one below the cursor, after the terminal has got another
    /// width: what is longer than a row now goes on in the next, as terminals do it.
    func rows(inTerminalOf columns: Int) -> (above: Int, below: Int) {
        func height(_ row: Int) -> Int { max(1, (DisplayWidth.of(rows[row]) + columns - 1) / columns) }
        let above = (0..<cursorRow).reduce(0) { $0 + height($1) } + cursorColumn / columns
        return (above, rows.indices.reduce(0) { $0 + height($1) } - 1 - above)
    }

    /// Adds characters; after a line feed they go on below the question's beginning.
    private mutating func add(_ text: String, _ indent: Int = 0) {
        for character in text {
            if character == "\n" {
                breakRow()
                if indent < columns / 2 { put(String(repeating: " ", count: indent), indent) }
            } else if character == "\t" {
                for blank in Self.tab { put(String(blank), 1) }
            } else {
                put(String(character), DisplayWidth.of(character))
            }
        }
    }

    private mutating func put(_ text: String, _ cells: Int) {
        if width + cells > columns { breakRow() }
        rows[rows.count - 1] += text
        width += cells
    }

    private mutating func breakRow() {
        rows.append("")
        width = 0
    }
}
