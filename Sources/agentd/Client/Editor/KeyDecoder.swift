/// Turns the bytes of a terminal in raw mode into keys, wherever reads have cut them.
///
/// Knows UTF-8, the control keys of every line editor, the sequences of xterm and its like (ECMA-48 section 5.4), and
/// bracketed paste. What it does not know, it drops. A lone escape key shows nothing and waits for the next byte.
struct KeyDecoder {
    /// A pasted text is cut here; the daemon takes no longer question.
    static let pasteLimit = 1 << 20
    /// No terminal sends longer sequences.
    private static let sequenceLimit = 32

    private static let escape: UInt8 = 0x1B
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private var waiting: [UInt8] = []
    /// What has been pasted so far, while a paste goes on.
    private var pasted: [UInt8]?

    /// Takes what was read; returns the keys that are complete now.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes {
            if pasted != nil {
                if let key = paste(byte) { keys.append(key) }
                continue
            }
            waiting.append(byte)
            if let key = complete() { keys.append(key) }
        }
        return keys
    }

    // MARK: Keys

    /// The key that the waiting bytes make, if they are whole; they are then gone, known or not.
    private mutating func complete() -> Key? {
        let first = waiting[0]
        switch first {
        case Self.escape: return sequence()
        case 0x00..<0x20, 0x7F:
            waiting = []
            return Self.control(first)
        default: return character(first)
        }
    }

    private mutating func character(_ first: UInt8) -> Key? {
        let length =
            switch first {
            case 0x00..<0x80: 1
            case 0xC2..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF5: 4
            default: 0
            }
        guard length > 0 else {
            waiting = []
            return nil
        }
        let last = waiting[waiting.count - 1]
        if waiting.count > 1, last & 0xC0 != 0x80 {
            // The character was cut off; the byte that shows it begins something else.
            waiting = [last]
            return complete()
        }
        guard waiting.count == length else { return nil }
        defer { waiting = [] }
        guard let text = String(validating: waiting, as: UTF8.self), Terminal.isHarmless(text) else { return nil }
        return .text(text)
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x09: .text("\t")
        case 0x0A, 0x0D: .enter
        case 0x0B: .killToEnd
        case 0x0C: .redraw
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .killToStart
        case 0x17: .killWord
        case 0x19: .yank
        case 0x1A: .suspend
        default: nil
        }
    }

    /// A sequence that begins with an escape.
    private mutating func sequence() -> Key? {
        guard waiting.count > 1 else { return nil }
        let last = waiting[waiting.count - 1]
        switch waiting[1] {
        case UInt8(ascii: "["):
            guard waiting.count > 2 else { return nil }
            if last == Self.escape {
                waiting = [last]
                return nil
            }
            guard (0x40...0x7E).contains(last) || waiting.count >= Self.sequenceLimit else { return nil }
        case UInt8(ascii: "O"):
            guard waiting.count > 2 else { return nil }
        case Self.escape:
            waiting = [last]
            return nil
        default: break
        }
        let body = String(decoding: waiting.dropFirst(), as: UTF8.self)
        waiting = []
        if body == "[200~" { pasted = [] }
        return Self.known[body]
    }

    private static let known: [String: Key] = [
        "[A": .up, "[B": .down, "[C": .right, "[D": .left, "[H": .home, "[F": .end,
        "OA": .up, "OB": .down, "OC": .right, "OD": .left, "OH": .home, "OF": .end,
        "[1~": .home, "[7~": .home, "[4~": .end, "[8~": .end, "[3~": .delete,
        "[1;5C": .wordRight, "[1;3C": .wordRight, "f": .wordRight,
        "[1;5D": .wordLeft, "[1;3D": .wordLeft, "b": .wordLeft,
        "\u{7F}": .killWord, "\u{08}": .killWord,
        "\r": .text("\n"), "\n": .text("\n"),
    ]

    // MARK: Paste

    private mutating func paste(_ byte: UInt8) -> Key? {
        // In place: a copy for each byte would make a long paste slow.
        pasted?.append(byte)
        guard let text = pasted?[...], byte == Self.pasteEnd.last,
            text.suffix(Self.pasteEnd.count) == Self.pasteEnd[...]
        else {
            // The end of what is too long is still looked for.
            if let count = pasted?.count, count > Self.pasteLimit + Self.pasteEnd.count {
                pasted?.remove(at: Self.pasteLimit)
            }
            return nil
        }
        pasted = nil
        let whole = text.dropLast(Self.pasteEnd.count)
        let clean = Self.clean(String(decoding: whole.prefix(Self.pasteLimit), as: UTF8.self))
        return clean.isEmpty ? nil : .text(clean)
    }

    /// A pasted text with line ends of one kind and without other control characters.
    private static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r": result.append("\n")
            case "\n": if last != "\r" { result.append(scalar) }
            default: if scalar == "\t" || !Terminal.isControl(scalar) { result.append(scalar) }
            }
            last = scalar
        }
        return String(result)
    }
}
