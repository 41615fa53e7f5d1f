/// Finds the place of each key in the text of a TOML file; the parser keeps no places.
///
/// Reads only texts that the parser has accepted, so it looks for keys and steps over values without checking them.
struct KeyLocator {
    /// A place in a text.
    struct Position: Equatable {
        /// Counted from 1.
        let line: Int
        /// In characters, counted from 1.
        let column: Int
    }

    private var positions: [[String]: Position] = [:]
    private var scanner: TOMLScanner

    /// Finds all keys of a text.
    init(_ text: String) {
        scanner = TOMLScanner(text)
        readDocument()
    }

    /// Where a key was written first: in a table's header, before `=`, or in an inline table.
    func position(of path: [String]) -> Position? { positions[path] }

    private mutating func readDocument() {
        var table: [String] = []
        while true {
            scanner.skipBlank(acrossLines: true)
            guard let byte = scanner.peek else { return }
            if byte == UInt8(ascii: "[") {
                while scanner.peek == UInt8(ascii: "[") { scanner.advance() }
                table = readKey(in: [])
                while scanner.peek == UInt8(ascii: "]") { scanner.advance() }
            } else {
                readPair(in: table)
            }
        }
    }

    private mutating func readPair(in table: [String]) {
        let path = readKey(in: table)
        scanner.skipBlank(acrossLines: false)
        // The equals sign; or, in a text that is not TOML, whatever keeps us from standing still.
        scanner.advance()
        scanner.skipBlank(acrossLines: false)
        readValue(of: path)
    }

    /// Reads a key, dotted or not, and notes the place of each of its parts that is new.
    private mutating func readKey(in table: [String]) -> [String] {
        var path = table
        while true {
            scanner.skipBlank(acrossLines: false)
            let position = scanner.position
            path.append(scanner.readName())
            if positions[path] == nil { positions[path] = position }
            scanner.skipBlank(acrossLines: false)
            guard scanner.peek == UInt8(ascii: ".") else { return path }
            scanner.advance()
        }
    }

    /// Steps over a value; the tables inside have keys of their own. The parser bounds the depth.
    private mutating func readValue(of path: [String]) {
        switch scanner.peek {
        case UInt8(ascii: "{"):
            readList(until: UInt8(ascii: "}")) { locator in locator.readPair(in: path) }
        case UInt8(ascii: "["):
            readList(until: UInt8(ascii: "]")) { locator in locator.readValue(of: path) }
        default:
            scanner.skipScalar()
        }
    }

    private mutating func readList(until end: UInt8, _ readElement: (inout KeyLocator) -> Void) {
        scanner.advance()
        while true {
            scanner.skipBlank(acrossLines: true)
            guard let byte = scanner.peek else { return }
            if byte == end { return scanner.advance() }
            if byte == UInt8(ascii: ",") { scanner.advance() } else { readElement(&self) }
        }
    }
}
