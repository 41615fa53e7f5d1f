extension JSONCursor {
    /// Takes a string; nil, and nothing taken, when the value is none.
    public mutating func string() throws(JSONError) -> Slice? {
        guard awaitsValue, index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        awaitsValue = false
        return try scanString()
    }

    /// Takes an integer below 2^53, also one written with a fraction of zeros or an exponent; nil, and nothing taken,
    /// when the value is no number; nil when it is another number.
    public mutating func integer() throws(JSONError) -> Int64? {
        guard kind == .number else { return nil }
        let start = index
        awaitsValue = false
        if try scanNumber(), index - start <= 16 {
            let isNegative = bytes[start] == UInt8(ascii: "-")
            var value: Int64 = 0
            for place in (isNegative ? start + 1 : start)..<index {
                value = value * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
            }
            guard value < 1 << 53 else { return nil }
            return isNegative ? -value : value
        }
        guard let value = Double(text(from: start)), value.magnitude < 0x1p53 else { return nil }
        let whole = Int64(value)
        return Double(whole) == value ? whole : nil
    }

    /// Takes a number; nil, and nothing taken, when the value is none; nil when it is too large for a double.
    public mutating func double() throws(JSONError) -> Double? {
        guard kind == .number else { return nil }
        let start = index
        awaitsValue = false
        _ = try scanNumber()
        guard let value = Double(text(from: start)), value.isFinite else { return nil }
        return value
    }

    /// Takes a truth value; nil, and nothing taken, when the value is none.
    public mutating func boolean() throws(JSONError) -> Bool? {
        guard kind == .boolean else { return nil }
        awaitsValue = false
        let value = bytes[index] == UInt8(ascii: "t")
        try scanWord(value ? "true" : "false")
        return value
    }

    /// Takes a whole value as it stands; it has been checked.
    public mutating func raw() throws(JSONError) -> UnsafeRawBufferPointer {
        let start = index
        try skip()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    }

    /// Takes a whole value as a tree, by the stricter rules of `JSONReader`.
    public mutating func value() throws(JSONError) -> JSONValue { try JSONReader.read(try raw(), depth: room) }

    /// Passes a value by, however nested, without recursion: one bit for each open level says which bracket closes it.
    public mutating func skip() throws(JSONError) {
        guard awaitsValue else { throw failure("a value is missing") }
        awaitsValue = false
        var levels = 0
        var objects: UInt64 = 0
        while true {
            guard index < bytes.count else { throw failure("a value is missing") }
            var isOpening = false
            switch bytes[index] {
            case UInt8(ascii: "\""): _ = try scanString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard levels < room else { throw tooDeep() }
                objects = objects << 1 | (bytes[index] == UInt8(ascii: "{") ? 1 : 0)
                levels += 1
                index += 1
                isOpening = true
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try scanNumber()
            case UInt8(ascii: "t"): try scanWord("true")
            case UInt8(ascii: "f"): try scanWord("false")
            case UInt8(ascii: "n"): try scanWord("null")
            default: throw failure("no value begins like this")
            }
            guard try !close(&levels, &objects, isOpening) else { return }
        }
    }

    /// Goes over what stands between two values; true when every level is closed.
    private mutating func close(
        _ levels: inout Int, _ objects: inout UInt64, _ isOpening: Bool
    ) throws(JSONError) -> Bool {
        var mayBegin = isOpening
        while levels > 0 {
            skipSpace()
            guard index < bytes.count else { throw failure("a text has no end") }
            let isObject = objects & 1 == 1
            if bytes[index] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                index += 1
                levels -= 1
                objects >>= 1
                mayBegin = false
                continue
            }
            if !mayBegin {
                guard bytes[index] == UInt8(ascii: ",") else { throw failure("a comma or bracket is missing") }
                index += 1
                skipSpace()
            }
            if isObject { _ = try memberName() }
            return false
        }
        return true
    }

    private func text(from start: Int) -> String { String(decoding: bytes[start..<index], as: UTF8.self) }
}
