/// Finds the mistakes at which the parser of TOML ends the process instead of refusing the text: it takes for granted that
/// a table's header begins with a name, an element of an array with a value, and that what looks like a date is one.
///
/// Goes through the text as the parser does, as long as that has nothing else to refuse: then it stops, and finds nothing.
struct ParserTrap {
    private var scanner: TOMLScanner
    /// The brackets that close what is open, innermost last.
    private var due: [UInt8] = []
    /// Whether a value has just been read, so that something has to follow before the next.
    private var isAfterValue = false

    private init(_ text: String) { scanner = TOMLScanner(text) }

    /// The place of the first one and what is wrong there; nil when there is none.
    static func find(in text: String) -> (place: KeyLocator.Position, message: String)? {
        var trap = ParserTrap(text)
        return trap.find()
    }

    private mutating func find() -> (place: KeyLocator.Position, message: String)? {
        while goOn() {
            guard let byte = scanner.peek else { return nil }
            if byte == due.last {
                scanner.advance()
                due.removeLast()
                isAfterValue = true
            } else if byte == UInt8(ascii: ","), isAfterValue, !due.isEmpty {
                scanner.advance()
                isAfterValue = false
            } else if isAfterValue {
                return nil
            } else if due.last == UInt8(ascii: "]") {
                guard byte != UInt8(ascii: ",") else { return nil }
                guard scanner.beginsValue else { return (scanner.position, "expected a value in an array") }
                if let found = readValue() { return found }
            } else if due.isEmpty, byte == UInt8(ascii: "[") {
                if let found = readHeader() { return found }
            } else {
                guard readName(), scanner.peek == UInt8(ascii: "=") else { return nil }
                scanner.advance()
                scanner.skipSpace()
                guard scanner.beginsValue else { return nil }
                if let found = readValue() { return found }
            }
        }
        return nil
    }

    /// Steps over what may stand between two items; false when something else stands there.
    private mutating func goOn() -> Bool {
        scanner.skipBlank(acrossLines: due.last == UInt8(ascii: "]"))
        guard due.isEmpty else { return true }
        if isAfterValue {
            guard scanner.peek.map({ $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "#") }) ?? false else {
                return false
            }
            isAfterValue = false
        }
        scanner.skipBlank(acrossLines: true)
        return true
    }

    private mutating func readHeader() -> (place: KeyLocator.Position, message: String)? {
        scanner.advance()
        if scanner.peek == UInt8(ascii: "[") { scanner.advance() }
        scanner.skipSpace()
        guard scanner.beginsName || scanner.peek == UInt8(ascii: "]") || scanner.peek == nil else {
            return (scanner.position, "expected the name of a table")
        }
        _ = readName()
        while scanner.peek == UInt8(ascii: "]") { scanner.advance() }
        isAfterValue = true
        return nil
    }

    /// Steps over a name of one part or several; false when one of them is missing.
    private mutating func readName() -> Bool {
        while scanner.beginsName {
            _ = scanner.readName()
            scanner.skipSpace()
            guard scanner.peek == UInt8(ascii: ".") else { return true }
            scanner.advance()
            scanner.skipSpace()
        }
        return false
    }

    /// Steps over a value, or into it.
    private mutating func readValue() -> (place: KeyLocator.Position, message: String)? {
        if scanner.beginsBrokenMoment { return (scanner.position, "a date or a time is not written like one") }
        switch scanner.peek {
        case UInt8(ascii: "["): due.append(UInt8(ascii: "]"))
        case UInt8(ascii: "{"): due.append(UInt8(ascii: "}"))
        default:
            scanner.skipScalar()
            isAfterValue = true
            return nil
        }
        scanner.advance()
        return nil
    }
}

extension TOMLScanner {
    /// Steps over spaces and tabs, of which alone the parser thinks as space inside a line.
    fileprivate mutating func skipSpace() {
        while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { advance() }
    }

    /// Whether a key's name may begin here.
    fileprivate var beginsName: Bool {
        guard let byte = peek else { return false }
        return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte < 0x80 && Self.isBare(byte)
    }

    /// Whether a value may begin here. None begins beyond ASCII, where some characters are line ends to the parser.
    fileprivate var beginsValue: Bool {
        guard let byte = peek, byte < 0x80 else { return false }
        return !Self.endsScalar(byte)
    }
}
