/// Dates and times, which no configuration has: the parser trusts their form too early.
extension TOMLScanner {
    /// Whether a value begins here that the parser may take for a date or a time, and that is not written like one.
    var beginsBrokenMoment: Bool {
        let word = momentWord
        guard let first = word.first, Self.isDigit(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
        else { return false }
        return Self.mayBeMoment(word) && !Self.isMoment(word)
    }

    /// What stands here up to a space or the end of the value; with one space in it where a time follows a date.
    private var momentWord: ArraySlice<UInt8> {
        let word = rest.prefix { !Self.endsWord($0) }
        let time = rest[word.endIndex...].dropFirst().prefix { !Self.endsWord($0) }
        guard rest[word.endIndex...].first == UInt8(ascii: " "), time.first.map(Self.isDigit) ?? false else {
            return word
        }
        return rest[word.startIndex..<time.endIndex]
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") || endsScalar(byte)
    }

    /// Whether a word that begins like a number has something that no number has.
    private static func mayBeMoment(_ word: ArraySlice<UInt8>) -> Bool {
        var before: UInt8?
        for byte in word {
            defer { before = byte }
            switch byte {
            case UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: "Z"),
                UInt8(ascii: "z"):
                return true
            case UInt8(ascii: "-") where before.map { $0 | 0x20 != UInt8(ascii: "e") } ?? false: return true
            default: break
            }
        }
        return false
    }

    /// Whether a word has the form of a date, a time, or both, by RFC 3339 as TOML has it.
    private static func isMoment(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        let hasDate = take("dddd-dd-dd", from: &rest)
        if hasDate {
            guard let separator = rest.popFirst() else { return true }
            guard separator == UInt8(ascii: " ") || separator | 0x20 == UInt8(ascii: "t") else { return false }
        }
        guard take("dd:dd:dd", from: &rest) else { return false }
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest[fraction.endIndex...]
        }
        if hasDate, let zone = rest.popFirst() {
            switch zone {
            case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
            case UInt8(ascii: "+"), UInt8(ascii: "-"): guard take("dd:dd", from: &rest) else { return false }
            default: return false
            }
        }
        return rest.isEmpty
    }

    /// Takes what is written like a form, in which `d` stands for a digit.
    private static func take(_ form: String, from rest: inout ArraySlice<UInt8>) -> Bool {
        let piece = rest.prefix(form.utf8.count)
        let isAlike = zip(piece, form.utf8).allSatisfy { $1 == UInt8(ascii: "d") ? isDigit($0) : $0 == $1 }
        guard piece.count == form.utf8.count, isAlike else { return false }
        rest = rest[piece.endIndex...]
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
