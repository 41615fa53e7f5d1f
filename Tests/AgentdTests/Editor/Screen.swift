@testable import agentd

/// A terminal of a few lines, as far as the editor needs one: it knows what `EditorView` may write, and traps on more.
struct Screen {
    private(set) var rows: [[Character]] = [[]]
    private(set) var row = 0
    private(set) var column = 0

    /// What is to be seen, without blanks at the ends.
    var text: [String] {
        var lines = rows.map { row in
            String(row.filter { $0 != "\0" }.reversed().drop { $0 == " " }.reversed())
        }
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        return lines
    }

    mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\r\n":
                column = 0
                down(1)
            case "\r": column = 0
            case "\u{1B}":
                precondition(rest.popFirst() == "[")
                let number = rest.prefix(while: \.isNumber)
                rest.removeFirst(number.count)
                obey(rest.removeFirst(), Int(number) ?? 1)
            default: put(character)
            }
        }
    }

    /// Gives it another width: lines that are longer go on in the next row, and the cursor with them.
    mutating func wrap(columns: Int) {
        var wrapped: [[Character]] = []
        var place = (row: 0, column: 0)
        for (number, cells) in rows.enumerated() {
            let length = cells.reversed().drop { $0 == " " }.count
            if number == row { place = (wrapped.count + column / columns, column % columns) }
            for start in stride(from: 0, to: max(1, length), by: columns) {
                wrapped.append(Array(cells[start..<max(start, min(start + columns, length))]))
            }
        }
        (rows, row, column) = (wrapped, place.row, place.column)
        down(0)
    }

    private mutating func obey(_ command: Character, _ count: Int) {
        switch command {
        case "A": row = max(0, row - count)
        case "B": down(count)
        case "C": column += count
        case "J":
            rows.removeSubrange((row + 1)...)
            rows[row] = Array(rows[row].prefix(column))
        default: preconditionFailure("\(command)")
        }
    }

    private mutating func down(_ count: Int) {
        row += count
        while rows.count <= row { rows.append([]) }
    }

    private mutating func put(_ character: Character) {
        while rows[row].count < column + 2 { rows[row].append(" ") }
        rows[row][column] = character
        // The second cell of a wide character.
        if DisplayWidth.of(character) == 2 { rows[row][column + 1] = "\0" }
        column += DisplayWidth.of(character)
    }
}
