import AgentProtocol

/// Makes a foreign text fit for being stored and shown: on one line, bounded, and without anything that may be a secret.
///
/// Known secrets go first, exactly. Then whatever looks like one, because providers echo parts of requests and of other
/// people's configuration: better a word too much is hidden than a key is shown.
enum Scrubber {
    /// Stands where something was hidden.
    static let mark = "[hidden]"
    /// Longest message, in characters.
    static let maxCharacters = 500

    /// Beginnings of keys of well-known vendors.
    private static let prefixes = [
        "sk-", "sk_", "pk-", "pk_", "rk_", "gsk_", "xai-", "pplx-", "hf_", "ghp_", "gho_", "ghs_", "github_pat_",
        "glpat-", "AIza", "AKIA", "ASIA", "ya29.", "eyJ", "xoxb-", "xoxp-", "r8_", "nvapi-", "csk-", "fw_", "tgp_",
    ]
    /// Names after which a value is a secret.
    private static let names = [
        "bearer", "basic", "authorization", "api-key", "api_key", "apikey", "x-api-key", "x-goog-api-key",
        "access_token", "refresh_token", "token", "key", "secret", "password", "client_secret", "cookie", "set-cookie",
    ]
    /// A run of letters and digits this long is no word.
    private static let longRun = 20

    /// The text as it may be told.
    static func clean(_ text: String, secrets: [String]) -> String {
        let known = hideKnown(text, secrets)
        let words = oneLine(known)
        return clip(hideWords(words))
    }

    /// Hides the secrets themselves, and the beginning of one that the text was cut in.
    private static func hideKnown(_ text: String, _ secrets: [String]) -> String {
        var text = text
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where secret.utf8.count >= 4 {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: mark)
            var length = min(secret.utf8.count, text.utf8.count)
            while length >= 6 {
                let start = String(decoding: secret.utf8.prefix(length), as: UTF8.self)
                if text.hasSuffix(start) {
                    text = text.dropLast(start.count) + mark
                    break
                }
                length -= 1
            }
        }
        return text
    }

    private static func oneLine(_ text: String) -> [Substring] {
        text.prefix(8192).split { character in
            character.isWhitespace || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
    }

    private static func hideWords(_ words: [Substring]) -> String {
        var shown: [String] = []
        var hidesNext = false
        for word in words {
            let bare = bare(word)
            let isName = names.contains(bare)
            if hidesNext, !isName, bare != "is", bare != "provided", looksLikeValue(word) {
                shown.append(mark)
            } else {
                shown.append(hideParts(word))
            }
            // A name followed by a colon or an equals sign has been dealt with, unless its value is the next word.
            hidesNext = isName && (bare == "bearer" || bare == "basic" || ":=".contains(word.last ?? " "))
        }
        return shown.joined(separator: " ")
    }

    /// A word in lower case without what stands around it.
    private static func bare(_ word: Substring) -> String {
        String(
            word.lowercased().drop { "\"'`({[<,;".contains($0) }.reversed().drop { "\"'`)}]>,;:=.".contains($0) }
                .reversed())
    }

    /// Whether a word may be a value at all: the sentence "invalid API key: check it" has none.
    private static func looksLikeValue(_ word: Substring) -> Bool {
        word.utf8.count >= 6 && (word.contains(where: \.isNumber) || word.utf8.count >= 16)
    }

    /// Hides what looks like a secret inside a word, and what follows a secret's name in it: `key=abc`, `"token":"x"`.
    private static func hideParts(_ word: Substring) -> String {
        var shown = ""
        var run = ""
        var lastName = ""
        var separator: Character?
        func flush() {
            guard !run.isEmpty else { return }
            let isValue = separator != nil && names.contains(lastName.lowercased()) && run.utf8.count >= 4
            shown += isValue || isSecret(run) ? mark : run
            lastName = run
            separator = nil
            run = ""
        }
        for character in word {
            if character.isASCII, character.isLetter || character.isNumber || "_-+".contains(character) {
                run.append(character)
            } else if character == ".", prefixes.contains(where: { run.hasPrefix($0) }) || run.utf8.count >= longRun {
                // Tokens of three parts are joined by dots.
                run.append(character)
            } else {
                flush()
                if ":=".contains(character) {
                    separator = character
                } else if !"\"'`".contains(character) {
                    lastName = ""
                }
                shown.append(character)
            }
        }
        flush()
        return shown
    }

    private static func isSecret(_ run: String) -> Bool {
        if run.utf8.count >= 8, prefixes.contains(where: { run.hasPrefix($0) }) { return true }
        guard run.utf8.count >= longRun, run.contains(where: \.isNumber), run.contains(where: \.isLetter) else {
            return false
        }
        return run.split(whereSeparator: { "_-.".contains($0) }).contains { $0.utf8.count >= longRun }
    }

    private static func clip(_ text: String) -> String {
        guard text.count > maxCharacters else { return text }
        return text.prefix(maxCharacters - 1) + "…"
    }
}
