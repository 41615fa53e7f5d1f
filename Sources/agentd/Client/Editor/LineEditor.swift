/// A question while it is being typed: a value that keys change.
///
/// The text is in two halves, so that the cursor is always between two characters as readers count them, whatever
/// marks and joiners they are made of.
struct LineEditor {
    /// What a key has led to.
    enum Outcome: Equatable {
        /// The text or the cursor is another one, perhaps.
        case edited
        /// The text is to be sent; the editor is empty again.
        case submitted(String)
        /// Ctrl-C on an empty line.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
        /// Ctrl-Z.
        case suspended
        /// Ctrl-L.
        case redraw
    }

    /// Questions that can be had again.
    static let historyLimit = 500

    /// What stands before the cursor.
    private(set) var before = ""
    /// What stands behind it.
    private(set) var after = ""
    private var history: [String] = []
    /// Which question of the history is shown; the count of them for the new one.
    private var place = 0
    /// The new one, while an old one is shown.
    private var draft = ""
    private var killed = ""

    /// The whole text.
    var text: String { before + after }

    /// Makes an old question one that can be had again.
    mutating func remember(_ question: String) {
        if history.last != question { history.append(question) }
        if history.count > Self.historyLimit { history.removeFirst() }
        place = history.count
    }

    /// Drops the text; an old question that was shown is one of many again.
    mutating func clear() {
        set("")
        place = history.count
    }

    /// Takes a key.
    mutating func take(_ key: Key) -> Outcome {
        switch key {
        case .text(let text): before += text
        case .enter: return submit()
        case .backspace: _ = before.popLast()
        case .delete: _ = removeNext()
        case .left: if let last = before.popLast() { after = String(last) + after }
        case .right: if let next = removeNext() { before.append(next) }
        case .wordLeft: moveLeft(wordLength)
        case .wordRight: moveRight()
        case .home: (before, after) = ("", text)
        case .end: (before, after) = (text, "")
        case .up: show(place - 1)
        case .down: show(place + 1)
        case .killToEnd: (killed, after) = (after, "")
        case .killToStart: (killed, before) = (before, "")
        case .killWord:
            killed = String(before.suffix(wordLength))
            before.removeLast(killed.count)
        case .yank: before += killed
        case .redraw: return .redraw
        case .suspend: return .suspended
        case .interrupt:
            guard !text.isEmpty else { return .interrupted }
            clear()
        case .endOfInput:
            guard !text.isEmpty else { return .ended }
            _ = removeNext()
        }
        return .edited
    }

    private mutating func submit() -> Outcome {
        let whole = text
        set("")
        guard whole.contains(where: { !$0.isWhitespace }) else { return .edited }
        remember(whole)
        return .submitted(whole)
    }

    private mutating func set(_ text: String) {
        before = text
        after = ""
    }

    private mutating func removeNext() -> Character? {
        after.isEmpty ? nil : after.removeFirst()
    }

    /// Shows another question of the history, or the new one.
    private mutating func show(_ other: Int) {
        guard other >= 0, other <= history.count else { return }
        if place == history.count { draft = text }
        place = other
        set(other == history.count ? draft : history[other])
    }

    /// The characters of the word before the cursor, with the blanks behind it.
    private var wordLength: Int {
        let word = before.reversed().drop(while: \.isWhitespace)
        return before.count - word.count + word.prefix { !$0.isWhitespace }.count
    }

    private mutating func moveLeft(_ count: Int) {
        after = before.suffix(count) + after
        before.removeLast(count)
    }

    private mutating func moveRight() {
        let blanks = after.prefix(while: \.isWhitespace)
        let word = after.dropFirst(blanks.count).prefix { !$0.isWhitespace }
        before += blanks + word
        after.removeFirst(blanks.count + word.count)
    }
}
