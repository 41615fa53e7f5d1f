extension JSONCursor {
    func failure(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(reason: reason, offset: offset ?? index)
    }

    func tooDeep() -> JSONError { failure("nested deeper than \(depth) levels") }

    /// Goes over white space, of which machines write none.
    @inline(__always)
    mutating func skipSpace() {
        if index < bytes.count, bytes[index] > 0x20 { return }
        skipRealSpace()
    }

    private mutating func skipRealSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    /// Reads a member's name and the colon, up to the value.
    mutating func memberName() throws(JSONError) -> Slice {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
            throw failure("a member's name is missing")
        }
        let name = try scanString()
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw failure("a colon is missing") }
        index += 1
        skipSpace()
        return name
    }

    /// Goes over a string whose opening quote stands at `index`.
    mutating func scanString() throws(JSONError) -> Slice {
        let start = index + 1
        var form = Slice.Form.plain
        index = start
        while true {
            index = Bytes.firstSpecial(in: bytes, from: index)
            guard index < bytes.count else { throw failure("a string has no end", at: start - 1) }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let content = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
                index += 1
                return Slice(bytes: content, form: form)
            case UInt8(ascii: "\\"): form = max(form, try scanEscape())
            case 0x00..<0x20: throw failure("a control character stands unescaped in a string")
            case 0x7F:
                form = .other
                index += 1
            default:
                let length = Bytes.characterLength(in: bytes, at: index)
                if length <= 0 || Bytes.isLineSeparator(in: bytes, at: index) { form = .other }
                index += abs(length)
            }
        }
    }

    /// Goes over an escape. Those with four digits are rewritten even where they are ours, so that one text has one
    /// form and the form is quickly told.
    private mutating func scanEscape() throws(JSONError) -> Slice.Form {
        guard index + 1 < bytes.count else { throw failure("a string has no end") }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
            return .canonical
        case UInt8(ascii: "/"):
            index += 2
            return .other
        case UInt8(ascii: "u"):
            guard Bytes.unit(in: bytes, at: index + 2) != nil else {
                throw failure("a \\u escape is no character")
            }
            index += 6
            return .other
        default: throw failure("an unknown escape stands in a string")
        }
    }

    /// Goes over a number by the grammar of RFC 8259 section 6; true when it is a plain integer.
    mutating func scanNumber() throws(JSONError) -> Bool { try NumberGrammar.scan(bytes, &index) }

    /// Goes over one of the three words.
    mutating func scanWord(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard bytes.count - index >= length else { throw failure("no value begins like this") }
        for place in 0..<length where bytes[index + place] != word.utf8Start[place] {
            throw failure("no value begins like this")
        }
        index += length
    }
}
