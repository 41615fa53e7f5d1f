/// Makes a title of a conversation's first question: its first words.
enum SessionTitle {
    /// Longest title, in characters.
    static let longest = 60
    /// How far a question is looked at, in code points: it may have millions, and all of them may be blanks or accents.
    private static let lookedAt = 4096

    /// The first words of the first line that has any; nil when nothing is there to see.
    static func of(_ question: String) -> String? {
        let start = String(String.UnicodeScalarView(question.unicodeScalars.prefix(lookedAt)))
        let words = start.split(whereSeparator: \.isNewline).lazy
            .map { $0.split(whereSeparator: \.isWhitespace) }.first { !$0.isEmpty }
        guard let words else { return nil }
        let whole = words.joined(separator: " ")
        guard whole.count > longest else { return whole }
        let room = longest - 1
        let shown = whole.prefix(room + 1)
        // The last blank is a good place to cut, unless the first word alone is too long.
        let end = shown.lastIndex(of: " ") ?? whole.index(whole.startIndex, offsetBy: room)
        return whole[..<end] + "…"
    }
}
