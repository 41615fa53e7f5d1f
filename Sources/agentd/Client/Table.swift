/// Rows of short texts for people and for programs.
///
/// On a terminal columns stand under their titles, those without anything in them are left out, and what is too long at
/// the end of a line is cut. In a pipe there are no titles, nothing is left out or cut, and fields are separated by tabs:
/// what `cut` and `awk` want.
struct Table {
    /// Two columns' distance.
    private static let gap = "  "

    private let titles: [String]
    private let output: Terminal
    /// The widest so far, so that later pages stand under the first one where they can.
    private var widths: [Int]
    /// The columns in which something stands.
    private var used: Set<Int> = []

    /// A table that is written to an output as its pages come.
    init(_ titles: [String], to output: Terminal = .output) {
        self.titles = titles
        self.output = output
        widths = titles.map { DisplayWidth.of($0) }
    }

    /// Writes some rows; each has a text for each title.
    mutating func add(_ rows: [[String]]) {
        let rows = rows.map { $0.map(Terminal.oneLine) }
        guard output.isTerminal else {
            for row in rows { output.write(row.joined(separator: "\t") + "\n") }
            return
        }
        let usedBefore = used
        for row in rows {
            for (column, text) in row.enumerated() where !text.isEmpty {
                widths[column] = max(widths[column], DisplayWidth.of(text))
                used.insert(column)
            }
        }
        // A later page may need a column more.
        if used != usedBefore { output.write(output.styled(line(titles), "1") + "\n") }
        for row in rows { output.write(line(row) + "\n") }
    }

    private func line(_ row: [String]) -> String {
        let columns = used.sorted()
        return Self.line(columns.map { row[$0] }, columns.map { widths[$0] }, output.size.columns)
    }

    /// One line of a table in a terminal of so many columns.
    static func line(_ row: [String], _ widths: [Int], _ columns: Int) -> String {
        var line = ""
        for (text, width) in zip(row.dropLast(), widths) {
            line += text + String(repeating: " ", count: width - DisplayWidth.of(text)) + gap
        }
        return cut(line + (row.last ?? ""), to: columns)
    }

    /// A text that is no wider than so many columns; what is cut off is told by an ellipsis.
    static func cut(_ text: String, to columns: Int) -> String {
        guard DisplayWidth.of(text) > columns else { return text }
        var cut = ""
        var width = 0
        for character in text {
            width += DisplayWidth.of(character)
            guard width < columns else { break }
            cut.append(character)
        }
        return cut + "…"
    }
}
