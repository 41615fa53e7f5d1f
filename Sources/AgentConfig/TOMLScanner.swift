/// Steps through the text of a TOML file and knows the line and column it is at.
struct TOMLScanner {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var column = 1

    /// Stands at the beginning of a text, after a byte order mark.
    init(_ text: String) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        bytes = Array(text.utf8)
        if bytes.starts(with: mark) { offset = mark.count }
    }

    /// The place of the next byte.
    var position: KeyLocator.Position { KeyLocator.Position(line: line, column: column) }

    /// The next byte; nil at the end.
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The bytes that are left.
    var rest: ArraySlice<UInt8> { bytes[offset...] }

    /// Goes one byte on.
    mutating func advance() {
        guard let byte = peek else { return }
        offset += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if offset >= bytes.count || bytes[offset] & 0xC0 != 0x80 {
            // Only the last byte of a character moves the column.
            column += 1
        }
    }

    /// Steps over spaces and comments, and over line ends if asked to.
    mutating func skipBlank(acrossLines: Bool) {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                advance()
            case UInt8(ascii: "\n") where acrossLines:
                advance()
            case UInt8(ascii: "#") where acrossLines:
                while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
            default:
                return
            }
        }
    }

    /// Reads one part of a key: bare, or in quotes of either kind.
    mutating func readName() -> String {
        guard let first = peek else { return "" }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return readQuoted(first) }
        let start = offset
        while let byte = peek, Self.isBare(byte) { advance() }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Steps over a string, number, boolean or date.
    mutating func skipScalar() {
        guard let first = peek else { return }
        guard first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") else {
            // At least one byte, so that nothing can make us stand still.
            repeat { advance() } while peek.map { !Self.endsScalar($0) } ?? false
            return
        }
        guard startsTriple(first) else {
            _ = readQuoted(first)
            return
        }
        for _ in 1...3 { advance() }
        while peek != nil, !startsTriple(first) { skipCharacter(quote: first) }
        // The text may itself end with one or two quotes.
        while peek == first { advance() }
    }

    private mutating func readQuoted(_ quote: UInt8) -> String {
        advance()
        var content: [UInt8] = []
        while let byte = peek, byte != quote, byte != UInt8(ascii: "\n") {
            let start = offset
            skipCharacter(quote: quote)
            content += bytes[start..<offset]
        }
        advance()
        let text = String(decoding: content, as: UTF8.self)
        return quote == UInt8(ascii: "\"") ? Self.unescaped(text) : text
    }

    /// One byte, or a backslash with what it protects.
    private mutating func skipCharacter(quote: UInt8) {
        if quote == UInt8(ascii: "\""), peek == UInt8(ascii: "\\") { advance() }
        advance()
    }

    private func startsTriple(_ quote: UInt8) -> Bool {
        offset + 3 <= bytes.count && bytes[offset..<offset + 3].allSatisfy { $0 == quote }
    }

    /// A key's text with the escapes that TOML knows replaced.
    private static func unescaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let code = rest.popFirst() else {
                result.append(scalar)
                continue
            }
            switch code {
            case "b": result.append("\u{8}")
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "f": result.append("\u{C}")
            case "r": result.append("\r")
            case "u", "U":
                let digits = rest.prefix(code == "u" ? 4 : 8)
                rest = rest.dropFirst(digits.count)
                result.append(UInt32(String(digits), radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
            default: result.append(code)
            }
        }
        return String(result)
    }

    /// Whether a byte may stand in a name without quotes.
    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: byte >= 0x80
        }
    }

    /// Whether a byte ends a value without quotes.
    static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\n"), UInt8(ascii: "#"): true
        default: false
        }
    }
}
