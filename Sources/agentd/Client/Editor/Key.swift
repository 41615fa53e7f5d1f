/// What somebody at a terminal has pressed, whatever bytes the terminal sends for it.
enum Key: Equatable {
    /// A character, or a text that was pasted; it has no control characters but line feed and tab.
    case text(String)
    case enter, backspace, delete
    case left, right, wordLeft, wordRight, home, end, up, down
    case killToEnd, killToStart, killWord, yank
    case redraw, interrupt, endOfInput, suspend
}
