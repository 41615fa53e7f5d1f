extension JSONReader {
    /// Reads a number by the grammar of RFC 8259 section 6 and keeps its text.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let whole = index
        try digits()
        if bytes[whole] == UInt8(ascii: "0"), index > whole + 1 {
            throw failure("a number begins with a needless 0", at: start)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits()
        }
        guard index - start <= Limits.jsonNumberBytes else {
            throw failure("a number is longer than \(Limits.jsonNumberBytes) bytes", at: start)
        }
        return JSONNumber(checked: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    /// Takes one or more digits.
    private mutating func digits() throws(JSONError) {
        let start = index
        while index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("a digit is missing") }
    }
}
