import AgentProtocol

/// Makes a foreign text fit for being stored and shown: on one line, bounded, without anything that may be a secret.
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
    /// A piece of a secret this long is not there by chance.
    private static let pieceBytes = 8
    /// What is looked at of a text.
    private static let maxBytes = 8 * 1024
    /// A run of letters and digits this long is no word.
    private static let longRun = 20

    /// The text as it may be told.
    static func clean(_ text: String, secrets: [String]) -> String {
        let known = hideKnown(String(decoding: text.utf8.prefix(maxBytes), as: UTF8.self), secrets)
        let words = oneLine(known)
        return clip(hideWords(words))
    }

    /// Hides the secrets themselves, and every piece of one that is long enough to be told from chance: a text may have
    /// been cut inside of one, or hold a part of it in another notation.
    private static func hideKnown(_ text: String, _ secrets: [String]) -> String {
        let pieces = Set(secrets.flatMap { windows(of: Array($0.utf8)) })
        let bytes = Array(text.utf8)
        var isHidden = [Bool](repeating: false, count: bytes.count)
        for (place, piece) in windows(of: bytes).enumerated() where pieces.contains(piece) {
            for covered in place..<place + pieceBytes { isHidden[covered] = true }
        }
        var shown: [UInt8] = []
        for place in bytes.indices {
            if !isHidden[place] {
                shown.append(bytes[place])
            } else if place == 0 || !isHidden[place - 1] {
                shown.append(contentsOf: mark.utf8)
            }
        }
        var rest = String(decoding: shown, as: UTF8.self)
        for secret in secrets where (4..<pieceBytes).contains(secret.utf8.count) {
            rest = rest.split(separator: secret, omittingEmptySubsequences: false).joined(separator: mark)
        }
        return rest
    }

    /// Every piece of eight bytes, as a number.
    private static func windows(of bytes: [UInt8]) -> [UInt64] {
        guard bytes.count >= pieceBytes else { return [] }
        var window: UInt64 = 0
        var windows: [UInt64] = []
        for (place, byte) in bytes.enumerated() {
            window = window << 8 | UInt64(byte)
            if place >= pieceBytes - 1 { windows.append(window) }
        }
        return windows
    }

    private static func oneLine(_ text: String) -> [Substring] {
        text.split { character in
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
            // A dot at the end ends a sentence.
            let dots = run.reversed().prefix { $0 == "." }.count
            run.removeLast(dots)
            let isValue = separator != nil && names.contains(lastName.lowercased()) && run.utf8.count >= 4
            shown += (isValue || isSecret(run) ? mark : run) + String(repeating: ".", count: dots)
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
