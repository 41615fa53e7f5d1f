/// Reads one JSON text strictly by RFC 8259, and stricter where peers would disagree: a repeated name, a byte order
/// mark, NUL and lone surrogates are errors, and so is nesting beyond a depth.
///
/// The input is hostile until it has been read: nothing recurses beyond the depth, the time is linear in the bytes, and
/// the values are counted, because each takes many times the memory of the byte that it may have.
public struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    let depth: Int
    var index = 0
    /// How many values there may still be.
    private var valuesLeft: Int

    private init(_ bytes: UnsafeRawBufferPointer, depth: Int, values: Int) {
        self.bytes = bytes
        self.depth = depth
        valuesLeft = values
    }

    /// Reads bytes that hold one value and nothing else but white space.
    public static func read(
        _ bytes: UnsafeRawBufferPointer, depth: Int = Limits.jsonDepth, values: Int = Limits.jsonValues
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes, depth: depth, values: values)
        reader.skipSpace()
        let value = try reader.value(room: depth)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw reader.failure("something follows the value") }
        return value
    }

    /// Reads bytes that hold one value and nothing else but white space.
    public static func read(
        _ bytes: [UInt8], depth: Int = Limits.jsonDepth, values: Int = Limits.jsonValues
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try read(UnsafeRawBufferPointer(buffer), depth: depth, values: values)
        }
    }

    /// Reads a text that holds one value and nothing else but white space.
    public static func read(_ text: String, depth: Int = Limits.jsonDepth) throws(JSONError) -> JSONValue {
        try read(Array(text.utf8), depth: depth)
    }

    func failure(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(reason: reason, offset: offset ?? index)
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    /// Takes the next byte if it is the one given.
    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Reads a value that may hold `room` more levels of arrays and objects.
    private mutating func value(room: Int) throws(JSONError) -> JSONValue {
        guard index < bytes.count else { throw failure("a value is missing") }
        guard valuesLeft > 0 else { throw failure("too many values") }
        valuesLeft -= 1
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object(try object(room: room))
        case UInt8(ascii: "["): return .array(try array(room: room))
        case UInt8(ascii: "\""):
            index += 1
            return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw failure("no value begins like this")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let length = text.utf8CodeUnitCount
        let isThere = text.withUTF8Buffer { word in
            bytes.count - index >= length && bytes[index..<index + length].elementsEqual(word)
        }
        guard isThere else { throw failure("no value begins like this") }
        index += length
        return value
    }

    private mutating func array(room: Int) throws(JSONError) -> [JSONValue] {
        guard room > 0 else { throw failure("nested deeper than \(depth) levels") }
        index += 1
        skipSpace()
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(room: room - 1))
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
            } else if take(UInt8(ascii: "]")) {
                return elements
            } else {
                throw failure("a comma or ] is missing")
            }
        }
    }

    private mutating func object(room: Int) throws(JSONError) -> JSONObject {
        guard room > 0 else { throw failure("nested deeper than \(depth) levels") }
        index += 1
        skipSpace()
        var members: [JSONObject.Member] = []
        if take(UInt8(ascii: "}")) { return JSONObject() }
        var seen = SeenNames()
        while true {
            let start = index
            guard take(UInt8(ascii: "\"")) else { throw failure("a member's name is missing") }
            let name = try string()
            guard seen.insert(name, after: members) else { throw failure("a name occurs twice", at: start) }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value(room: room - 1)))
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
            } else if take(UInt8(ascii: "}")) {
                return JSONObject(checked: members)
            } else {
                throw failure("a comma or } is missing")
            }
        }
    }
}
