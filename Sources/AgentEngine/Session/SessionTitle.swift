import AgentProtocol

/// Makes a title of a conversation's first question: its first words, as `update` would take them.
enum SessionTitle {
    /// Longest title, in characters.
    static let longest = 60
    /// How far a question is looked at, in code points: it may have millions, and all of them may be blanks or accents.
    private static let lookedAt = 4096

    /// The first words of the first line that has any; nil when nothing is there to see.
    static func of(_ question: String) -> String? {
        let start = String(String.UnicodeScalarView(question.unicodeScalars.prefix(lookedAt)))
        let words = start.split(whereSeparator: \.isNewline).lazy
            .map { line in line.split(whereSeparator: \.isWhitespace).map(printable).filter { !$0.isEmpty } }
            .first { !$0.isEmpty }
        guard let words else { return nil }
        var title = cut(words.joined(separator: " "))
        // A character may be made of any number of accents.
        while title.utf8.count > Limits.titleBytes { title = title.dropLast(2) + "…" }
        return title
    }

    /// A word without what a terminal would act on.
    private static func printable(_ word: Substring) -> String {
        String(String.UnicodeScalarView(word.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }

    private static func cut(_ whole: String) -> String {
        guard whole.count > longest else { return whole }
        let room = longest - 1
        let shown = whole.prefix(room + 1)
        // The last blank is a good place to cut, unless the first word alone is too long.
        let end = shown.lastIndex(of: " ") ?? whole.index(whole.startIndex, offsetBy: room)
        return whole[..<end] + "…"
    }
}
