#if canImport(Glibc)
import Glibc
#endif

extension JSONReader {
    /// Reads a string whose opening quote has been taken. One without escapes becomes a `String` in one step.
    mutating func string() throws(JSONError) -> String {
        let start = index
        var hasEscape = false
        scan: while true {
            guard index < bytes.count else { throw failure("a string has no end", at: start) }
            switch bytes[index] {
            case UInt8(ascii: "\""): break scan
            case UInt8(ascii: "\\"):
                hasEscape = true
                // The escaped byte may be a quote; whether it is allowed at all is seen below.
                index += 2
            case 0x00..<0x20: throw failure("a control character stands unescaped in a string")
            default: index += 1
            }
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
        index += 1
        guard hasEscape else { return try text(content, at: start) }
        var plain: [UInt8] = []
        plain.reserveCapacity(content.count)
        try JSONUnescaper.append(content, to: &plain, offset: start)
        return try text(plain, at: start)
    }

    /// Makes a text of bytes that must be whole, shortest-form UTF-8 without surrogates.
    private func text(_ utf8: some Collection<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw failure("a string is not valid UTF-8", at: offset)
        }
        return text
    }
}

/// Resolves the escapes inside a JSON string.
enum JSONUnescaper {
    /// Appends the content of a string (what stands between its quotes) with its escapes resolved; `offset` is where
    /// the content began, for the error.
    static func append(
        _ content: UnsafeRawBufferPointer, to plain: inout [UInt8], offset: Int
    ) throws(JSONError) {
        var index = 0
        while index < content.count {
            let run = nextEscape(in: content, from: index)
            plain.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[index..<run]))
            index = run
            guard index < content.count else { return }
            let start = index
            guard index + 1 < content.count else { throw JSONError(reason: "an escape has no end", offset: offset) }
            index += 2
            switch content[index - 1] {
            case UInt8(ascii: "\""): plain.append(0x22)
            case UInt8(ascii: "\\"): plain.append(0x5C)
            case UInt8(ascii: "/"): plain.append(0x2F)
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(content, &index) else {
                    throw JSONError(reason: "a \\u escape is no character", offset: offset + start)
                }
                for byte in UTF8.encode(scalar).unsafelyUnwrapped { plain.append(byte) }
            default: throw JSONError(reason: "an unknown escape stands in a string", offset: offset + start)
            }
        }
    }

    /// Where the next escape begins; the end when there is none.
    private static func nextEscape(in content: UnsafeRawBufferPointer, from index: Int) -> Int {
        guard index < content.count, let base = content.baseAddress,
            let found = memchr(base + index, Int32(UInt8(ascii: "\\")), content.count - index)
        else { return content.count }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// How many bytes `append` would append, for content that it accepts.
    static func count(_ content: UnsafeRawBufferPointer) -> Int {
        var count = content.count
        var index = nextEscape(in: content, from: 0)
        while index < content.count {
            var end = index + 2
            let isScalar = end < content.count && content[index + 1] == UInt8(ascii: "u")
            let width = isScalar ? scalar(content, &end).map { UTF8.width($0) } ?? 0 : 1
            count -= end - index - width
            index = nextEscape(in: content, from: end)
        }
        return count
    }

    /// The character of a `\u` escape whose digits begin at `index`, the second half of a surrogate pair included;
    /// nil for bad digits, NUL and a lone surrogate.
    private static func scalar(_ content: UnsafeRawBufferPointer, _ index: inout Int) -> Unicode.Scalar? {
        guard let first = unit(content, &index), first != 0 else { return nil }
        guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) }
        guard index + 1 < content.count, content[index] == UInt8(ascii: "\\"), content[index + 1] == UInt8(ascii: "u")
        else { return nil }
        index += 2
        guard let second = unit(content, &index), second & 0xFC00 == 0xDC00 else { return nil }
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    }

    /// The four hexadecimal digits at `index`.
    private static func unit(_ content: UnsafeRawBufferPointer, _ index: inout Int) -> UInt32? {
        guard index + 4 <= content.count else { return nil }
        var unit: UInt32 = 0
        for byte in content[index..<index + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        index += 4
        return unit
    }
}
