extension JSONReader {
    /// Reads a number by the grammar of RFC 8259 section 6 and keeps its text.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        _ = try NumberGrammar.scan(bytes, &index)
        return JSONNumber(checked: String(decoding: bytes[start..<index], as: UTF8.self))
    }
}
