/// Goes over numbers by the grammar of RFC 8259 section 6, for `JSONReader` and `JSONCursor`.
enum NumberGrammar {
    /// Goes over the number that begins at an index; true when it is a plain integer.
    static func scan(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) throws(JSONError) -> Bool {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let whole = index
        try digits(bytes, &index)
        if bytes[whole] == UInt8(ascii: "0"), index > whole + 1 {
            throw JSONError(reason: "a number begins with a needless 0", offset: start)
        }
        var isInteger = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            try digits(bytes, &index)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits(bytes, &index)
        }
        guard index - start <= Limits.jsonNumberBytes else {
            throw JSONError(reason: "a number is longer than \(Limits.jsonNumberBytes) bytes", offset: start)
        }
        return isInteger
    }

    /// Goes over one or more digits.
    private static func digits(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) throws(JSONError) {
        let start = index
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        guard index > start else { throw JSONError(reason: "a digit is missing", offset: index) }
    }
}
